using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Validation;
using KubeOps.Operator.Web.Webhooks.Admission.Validation;

namespace Granary.Operator.Admission;

/// <summary>Admission of Repositories.</summary>
[ValidationWebhook(typeof(Repository))]
public sealed class RepositoryWebhook(ReferenceChecks references) : ValidationWebhook<Repository>
{
    public override Task<ValidationResult> CreateAsync(
        Repository entity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => AnswerAsync(Verdict.Of(AdmissionRules.Create(entity)), entity, cancellationToken);

    public override async Task<ValidationResult> UpdateAsync(
        Repository oldEntity,
        Repository newEntity,
        bool dryRun,
        CancellationToken cancellationToken
    ) =>
        ReferenceChecks.ChangesSpec(oldEntity, newEntity)
            ? await AnswerAsync(Verdict.Of(AdmissionRules.Update(oldEntity, newEntity)), newEntity, cancellationToken)
            : Success();

    private async Task<ValidationResult> AnswerAsync(
        Verdict verdict,
        Repository entity,
        CancellationToken cancellationToken
    ) =>
        verdict.Denial is { } denial
            ? Fail(denial, Verdict.Unprocessable)
            : Success([
                .. await references.MissingSecretsAsync(
                    entity.Metadata.NamespaceProperty,
                    [("spec.backend.storageSecretName", entity.Spec.Backend?.StorageSecretName)],
                    cancellationToken
                ),
            ]);
}
