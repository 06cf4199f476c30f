using Granary.Api.Stash.V1Beta1;
using Granary.Api.Validation;
using KubeOps.Operator.Web.Webhooks.Admission.Validation;

namespace Granary.Operator.Admission;

/// <summary>Admission of BackupConfigurations.</summary>
[ValidationWebhook(typeof(BackupConfiguration))]
public sealed class BackupConfigurationWebhook(ReferenceChecks references) : ValidationWebhook<BackupConfiguration>
{
    public override async Task<ValidationResult> CreateAsync(
        BackupConfiguration entity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => Answer(await references.JudgeAsync(AdmissionRules.Create(entity), entity, cancellationToken));

    public override async Task<ValidationResult> UpdateAsync(
        BackupConfiguration oldEntity,
        BackupConfiguration newEntity,
        bool dryRun,
        CancellationToken cancellationToken
    ) =>
        ReferenceChecks.ChangesSpec(oldEntity, newEntity)
            ? Answer(
                await references.JudgeAsync(AdmissionRules.Update(oldEntity, newEntity), newEntity, cancellationToken)
            )
            : Success();

    private ValidationResult Answer(Verdict verdict) =>
        verdict.Denial is { } denial ? Fail(denial, Verdict.Unprocessable) : Success([.. verdict.Warnings]);
}
