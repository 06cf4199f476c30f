using FluentValidation;
using Granary.Api.Common;
using Granary.Api.Stash.V1Beta1;

namespace Granary.Api.Validation;

/// <summary>Rules for the part that BackupConfigurations share with members of a batch.</summary>
internal sealed class BackupTemplateValidator : AbstractValidator<BackupTemplate>
{
    public BackupTemplateValidator()
    {
        RuleFor(spec => spec.Target).NotNull().WithMessage("Required value: says what is backed up");
        RuleFor(spec => spec.Task).SetValidator(new TaskRefValidator()!);
        RuleFor(spec => spec.RuntimeSettings).SetValidator(new RuntimeSettingsValidator()!);
        RuleFor(spec => spec.InterimVolumeTemplate).SetValidator(new InterimVolumeValidator()!);
        When(
            spec => spec.Target is not null,
            () =>
                RuleFor(spec => spec.Target!.Ref)
                    .NotNull()
                    .WithMessage("Required value: names what is backed up")
                    .SetValidator(new TargetRefValidator()!)
        );

        RuleFor(spec => spec.TempDir).SetValidator(new EmptyDirSettingsValidator()!);
        When(
            spec => spec.Hooks is not null,
            () =>
            {
                RuleFor(spec => spec.Hooks!.PreBackup).SetValidator(new HandlerValidator()!);
                RuleFor(spec => spec.Hooks!.PostBackup).SetValidator(new HandlerValidator()!);
            }
        );
    }
}

/// <summary>Rules for the part that RestoreSessions share with members of a batch.</summary>
internal sealed class RestoreTemplateValidator : AbstractValidator<RestoreTemplate>
{
    public RestoreTemplateValidator()
    {
        RuleFor(spec => spec.Target).NotNull().WithMessage("Required value: says what is restored into");
        RuleFor(spec => spec.Task).SetValidator(new TaskRefValidator()!);
        RuleFor(spec => spec.RuntimeSettings).SetValidator(new RuntimeSettingsValidator()!);
        RuleFor(spec => spec.InterimVolumeTemplate).SetValidator(new InterimVolumeValidator()!);
        When(
            spec => spec.Target is not null,
            () =>
            {
                RuleFor(spec => spec.Target!.Ref)
                    .NotNull()
                    .WithMessage("Required value: names what is restored into")
                    .SetValidator(new TargetRefValidator()!);
                RuleFor(spec => spec.Target!.Rules)
                    .Custom(
                        (rules, context) =>
                            RestoreRuleChecks.Run(rules, context.InstanceToValidate.Target?.Ref, context)
                    );
            }
        );

        RuleFor(spec => spec.TempDir).SetValidator(new EmptyDirSettingsValidator()!);
        When(
            spec => spec.Hooks is not null,
            () =>
            {
                RuleFor(spec => spec.Hooks!.PreRestore).SetValidator(new HandlerValidator()!);
                RuleFor(spec => spec.Hooks!.PostRestore).SetValidator(new HandlerValidator()!);
            }
        );
    }
}

/// <summary>Rules for scratch space.</summary>
internal sealed class EmptyDirSettingsValidator : AbstractValidator<EmptyDirSettings>
{
    public EmptyDirSettingsValidator() =>
        RuleFor(settings => settings.Medium)
            .Must(medium => string.IsNullOrEmpty(medium) || medium == "Memory")
            .WithMessage("Unsupported value: \"{PropertyValue}\": known are \"\" and \"Memory\"");
}

/// <summary>Rules for hooks.</summary>
internal sealed class HandlerValidator : AbstractValidator<Handler>
{
    public HandlerValidator()
    {
        RuleFor(handler => handler)
            .Must(handler =>
                (handler.Exec ?? handler.HttpGet ?? handler.HttpPost ?? (object?)handler.TcpSocket) is not null
            )
            .WithMessage("Required value: at least one of exec, httpGet, httpPost and tcpSocket");
        When(
            handler => handler.Exec is not null,
            () =>
                RuleFor(handler => handler.Exec!.Command)
                    .Must(command => command is { Count: > 0 })
                    .WithMessage("Required value: the command to run")
        );
        When(
            handler => handler.HttpPost is not null,
            () =>
                RuleFor(handler => handler.HttpPost!.Body)
                    .Must((handler, body) => string.IsNullOrEmpty(body) || handler.HttpPost!.Form is not { Count: > 0 })
                    .WithMessage("Forbidden: body and form exclude each other")
        );
    }
}

/// <summary>Rules for retention.</summary>
internal sealed class RetentionPolicyValidator : AbstractValidator<RetentionPolicy>
{
    public RetentionPolicyValidator()
    {
        RuleFor(policy => policy.Name).Given("free text that names the policy");
        RuleFor(policy => policy.KeepLast).NotNegative();
        RuleFor(policy => policy.KeepHourly).NotNegative();
        RuleFor(policy => policy.KeepDaily).NotNegative();
        RuleFor(policy => policy.KeepWeekly).NotNegative();
        RuleFor(policy => policy.KeepMonthly).NotNegative();
        RuleFor(policy => policy.KeepYearly).NotNegative();
        RuleForEach(policy => policy.KeepTags).Given("a tag");
    }
}

/// <summary>Rules for retries.</summary>
internal sealed class RetryConfigValidator : AbstractValidator<RetryConfig>
{
    public RetryConfigValidator()
    {
        RuleFor(retry => (int?)retry.MaxRetry).NotNegative().OverridePropertyName(nameof(RetryConfig.MaxRetry));
        RuleFor(retry => retry.Delay).Duration();
    }
}
