using FluentValidation;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;

namespace Granary.Api.Validation;

/// <summary>Rules for RestoreSessions.</summary>
public sealed class RestoreSessionValidator : ResourceValidator<RestoreSession>
{
    public RestoreSessionValidator()
    {
        RuleFor(session => session.Spec).SetValidator(new RestoreSessionSpecValidator());
        When(
            session => session.Spec.Target?.Ref is not null,
            () =>
                RuleFor(session => session.Spec.Target!.Ref!.Namespace)
                    .Custom(
                        (_, context) =>
                        {
                            var session = context.InstanceToValidate;
                            if (
                                TargetRules.NamespaceProblem(
                                    session.Spec.Target!.Ref,
                                    session.Metadata.NamespaceProperty
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
internal sealed class RestoreSessionSpecValidator : AbstractValidator<RestoreSessionSpec>
{
    public RestoreSessionSpecValidator()
    {
        Include(new RestoreTemplateValidator());
        RuleFor(spec => spec.Rules)
            .Custom((rules, context) => RestoreRuleChecks.Run(rules, context.InstanceToValidate.Target?.Ref, context));
        RuleFor(spec => spec.TimeOut).PositiveDuration();

        When(
            spec => spec.Driver is not Drivers.VolumeSnapshotter,
            () =>
                RuleFor(spec => spec.Repository)
                    .NotNull()
                    .WithMessage("Required value: names the Repository to restore from")
                    .SetValidator(new RepositoryReferenceValidator()!)
        );
    }
}
