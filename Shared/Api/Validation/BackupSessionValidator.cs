using FluentValidation;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;

namespace Granary.Api.Validation;

/// <summary>Rules for BackupSessions.</summary>
public sealed class BackupSessionValidator : ResourceValidator<BackupSession>
{
    public BackupSessionValidator()
    {
        RuleFor(session => session.Spec.Invoker).NotNull().WithMessage("Required value: names what the session is for");
        When(
            session => session.Spec.Invoker is not null,
            () =>
            {
                RuleFor(session => session.Spec.Invoker!.Kind)
                    .Must(kind => kind is Kinds.BackupConfiguration or Kinds.BackupBatch)
                    .WithMessage(
                        "Unsupported value: \"{PropertyValue}\": known are BackupBatch and BackupConfiguration"
                    );
                RuleFor(session => session.Spec.Invoker!.Name).Given("name of the invoker").ObjectName();
            }
        );
        RuleFor(session => (int?)session.Spec.RetryLeft).NotNegative().OverridePropertyName("Spec.RetryLeft");
    }
}
