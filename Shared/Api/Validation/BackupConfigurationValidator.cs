using FluentValidation;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;

namespace Granary.Api.Validation;

/// <summary>Rules for BackupConfigurations.</summary>
public sealed class BackupConfigurationValidator : ResourceValidator<BackupConfiguration>
{
    /// <param name="time">Tells when a schedule would fire next.</param>
    public BackupConfigurationValidator(TimeProvider? time = null)
    {
        RuleFor(configuration => configuration.Spec)
            .SetValidator(new BackupConfigurationSpecValidator(time ?? TimeProvider.System));
        When(
            configuration => configuration.Spec.Target?.Ref is not null,
            () =>
                RuleFor(configuration => configuration.Spec.Target!.Ref!.Namespace)
                    .Custom(
                        (_, context) =>
                        {
                            var configuration = context.InstanceToValidate;
                            if (
                                TargetRules.NamespaceProblem(
                                    configuration.Spec.Target!.Ref,
                                    configuration.Metadata.NamespaceProperty
                                ) is
                                { } problem
                            )
                            {
                                context.AddFailure(problem);
                            }
                        }
                    )
        );
    }
}

/// <summary>Rules for the spec.</summary>
internal sealed class BackupConfigurationSpecValidator : AbstractValidator<BackupConfigurationSpec>
{
    public BackupConfigurationSpecValidator(TimeProvider time)
    {
        Include(new BackupTemplateValidator());
        RuleFor(spec => spec.Schedule).Schedule(time);
        RuleFor(spec => spec.RetentionPolicy).NotNull().SetValidator(new RetentionPolicyValidator());
        RuleFor(spec => spec.BackupHistoryLimit).NotNegative();
        RuleFor(spec => spec.TimeOut).PositiveDuration();
        RuleFor(spec => spec.RetryConfig).SetValidator(new RetryConfigValidator()!);

        // A VolumeSnapshotter keeps its snapshots in the cluster.
        When(
            spec => spec.Driver is not Drivers.VolumeSnapshotter,
            () =>
                RuleFor(spec => spec.Repository)
                    .NotNull()
                    .WithMessage("Required value: names the Repository to store backups in")
                    .SetValidator(new RepositoryReferenceValidator()!)
        );
    }
}

/// <summary>Rules for references to a Repository.</summary>
internal sealed class RepositoryReferenceValidator : AbstractValidator<ObjectReference>
{
    public RepositoryReferenceValidator()
    {
        RuleFor(reference => reference.Name).Given("name of the Repository").ObjectName();
        RuleFor(reference => reference.Namespace).NamespaceName();
    }
}
