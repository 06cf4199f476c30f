using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Validation;
using KubeOps.Operator.Web.Webhooks.Admission.Validation;

namespace Granary.Operator.Admission;

/// <summary>Admission of AppBindings.</summary>
[ValidationWebhook(typeof(AppBinding))]
public sealed class AppBindingWebhook(ReferenceChecks references) : ValidationWebhook<AppBinding>
{
    public override Task<ValidationResult> CreateAsync(
        AppBinding entity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => AnswerAsync(Verdict.Of(AdmissionRules.Create(entity)), entity, cancellationToken);

    public override async Task<ValidationResult> UpdateAsync(
        AppBinding oldEntity,
        AppBinding newEntity,
        bool dryRun,
        CancellationToken cancellationToken
    ) =>
        ReferenceChecks.ChangesSpec(oldEntity, newEntity)
            ? await AnswerAsync(Verdict.Of(AdmissionRules.Update(oldEntity, newEntity)), newEntity, cancellationToken)
            : Success();

    private async Task<ValidationResult> AnswerAsync(
        Verdict verdict,
        AppBinding entity,
        CancellationToken cancellationToken
    ) =>
        verdict.Denial is { } denial
            ? Fail(denial, Verdict.Unprocessable)
            : Success([
                .. await references.MissingSecretsAsync(
                    entity.Metadata.NamespaceProperty,
                    [
                        ("spec.secret.name", entity.Spec.Secret?.Name),
                        ("spec.tlsSecret.name", entity.Spec.TlsSecret?.Name),
                    ],
                    cancellationToken
                ),
            ]);
}
