using Granary.Api.Stash.V1Beta1;
using Granary.Api.Validation;
using Granary.Api.Validation.Shaping;
using KubeOps.Operator.Web.Webhooks.Admission.Validation;

namespace Granary.Operator.Admission;

/// <summary>Admission of RestoreSessions, whose specification never changes.</summary>
[ValidationWebhook(typeof(RestoreSession))]
public sealed class RestoreSessionWebhook(ReferenceChecks references, AuthorRights rights)
    : ValidationWebhook<RestoreSession>
{
    public override async Task<ValidationResult> CreateAsync(
        RestoreSession entity,
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
        RestoreSession oldEntity,
        RestoreSession newEntity,
        bool dryRun,
        CancellationToken cancellationToken
    ) =>
        Answer(
            Verdict.Of(AdmissionRules.Update(oldEntity, newEntity)),
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
