using Granary.Api.Stash.V1Beta1;
using Granary.Api.Validation;
using Granary.Api.Validation.Shaping;
using KubeOps.Operator.Web.Webhooks.Admission.Validation;

namespace Granary.Operator.Admission;

/// <summary>Admission of BackupConfigurations.</summary>
[ValidationWebhook(typeof(BackupConfiguration))]
public sealed class BackupConfigurationWebhook(ReferenceChecks references, AuthorRights rights)
    : ValidationWebhook<BackupConfiguration>
{
    public override async Task<ValidationResult> CreateAsync(
        BackupConfiguration entity,
        bool dryRun,
        CancellationToken cancellationToken
    ) =>
        Answer(
            await references.JudgeAsync(AdmissionRules.Create(entity), entity, cancellationToken),
            await rights.DenialAsync(
                Requester.Of(HttpContext),
                entity.Metadata.NamespaceProperty,
                ShapingFields.Of(entity),
                cancellationToken
            )
        );

    public override async Task<ValidationResult> UpdateAsync(
        BackupConfiguration oldEntity,
        BackupConfiguration newEntity,
        bool dryRun,
        CancellationToken cancellationToken
    ) =>
        Answer(
            ReferenceChecks.ChangesSpec(oldEntity, newEntity)
                ? await references.JudgeAsync(AdmissionRules.Update(oldEntity, newEntity), newEntity, cancellationToken)
                : Verdict.Admitted,
            // Also while the object is being deleted: its sessions may still run.
            await rights.DenialAsync(
                Requester.Of(HttpContext),
                newEntity.Metadata.NamespaceProperty,
                ShapingFields.Brought(oldEntity, newEntity),
                cancellationToken
            )
        );

    private ValidationResult Answer(Verdict verdict, string? missingRight) =>
        (verdict.Denial, missingRight) switch
        {
            ({ } denial, _) => Fail(denial, Verdict.Unprocessable),
            (_, { } denial) => Fail(denial, Verdict.Forbidden),
            _ => Success([.. verdict.Warnings]),
        };
}
