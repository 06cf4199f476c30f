using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Validation;
using Granary.Api.Validation.Shaping;
using KubeOps.Operator.Web.Webhooks.Admission.Validation;

namespace Granary.Operator.Admission;

/// <summary>Admission of Repositories.</summary>
[ValidationWebhook(typeof(Repository))]
public sealed class RepositoryWebhook(ReferenceChecks references, AuthorRights rights) : ValidationWebhook<Repository>
{
    public override Task<ValidationResult> CreateAsync(
        Repository entity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => AnswerAsync(Verdict.Of(AdmissionRules.Create(entity)), entity, ShapingFields.Of(entity), cancellationToken);

    public override Task<ValidationResult> UpdateAsync(
        Repository oldEntity,
        Repository newEntity,
        bool dryRun,
        CancellationToken cancellationToken
    ) =>
        ReferenceChecks.ChangesSpec(oldEntity, newEntity)
            ? AnswerAsync(
                Verdict.Of(AdmissionRules.Update(oldEntity, newEntity)),
                newEntity,
                ShapingFields.Brought(oldEntity, newEntity),
                cancellationToken
            )
            : Task.FromResult(Success());

    private async Task<ValidationResult> AnswerAsync(
        Verdict verdict,
        Repository entity,
        IReadOnlyList<ShapingField> shaping,
        CancellationToken cancellationToken
    )
    {
        var @namespace = entity.Metadata.NamespaceProperty;
        if (verdict.Denial is { } denial)
        {
            return Fail(denial, Verdict.Unprocessable);
        }

        var missing = await rights.DenialAsync(Requester.Of(HttpContext), @namespace, shaping, cancellationToken);
        return missing is null
            ? Success([
                .. await references.MissingSecretsAsync(
                    @namespace,
                    [("spec.backend.storageSecretName", entity.Spec.Backend?.StorageSecretName)],
                    cancellationToken
                ),
            ])
            : Fail(missing, Verdict.Forbidden);
    }
}
