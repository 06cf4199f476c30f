using FluentValidation;
using Granary.Api.Common;
using Granary.Api.Names;

namespace Granary.Api.Validation;

/// <summary>Rules for references to a Task, and for what is given to it.</summary>
internal sealed class TaskRefValidator : AbstractValidator<TaskRef>
{
    public TaskRefValidator()
    {
        RuleFor(task => task.Name).ObjectName();
        RuleForEach(task => task.Params).SetValidator(new ParamValidator());
    }
}

/// <summary>Rules for a parameter of a Task.</summary>
internal sealed class ParamValidator : AbstractValidator<Param>
{
    public ParamValidator() =>
        RuleFor(parameter => parameter.Name)
            .Given("name of the parameter")
            .Must(name => name is null || !BuiltInVariables.IsReserved(name))
            .WithMessage((_, name) => $"Forbidden: {BuiltInVariables.Refusal(name!)}");
}

/// <summary>Rules for the objects that settings of pods name.</summary>
internal sealed class RuntimeSettingsValidator : AbstractValidator<RuntimeSettings>
{
    public RuntimeSettingsValidator() =>
        When(
            settings => settings.Pod is not null,
            () =>
            {
                RuleFor(settings => settings.Pod!.ServiceAccountName).ObjectName();
                RuleFor(settings => settings.Pod!.NodeName).ObjectName();
                RuleFor(settings => settings.Pod!.SchedulerName).ObjectName();
                RuleFor(settings => settings.Pod!.PriorityClassName).ObjectName();
                RuleFor(settings => settings.Pod!.RuntimeClassName).ObjectName();
            }
        );
}

/// <summary>Rules for the claim for data on its way, whose name becomes part of another.</summary>
internal sealed class InterimVolumeValidator : AbstractValidator<PersistentVolumeClaimTemplate>
{
    public InterimVolumeValidator() =>
        When(
            template => template.Metadata is not null,
            () => RuleFor(template => template.Metadata!.Name).ObjectName()
        );
}
