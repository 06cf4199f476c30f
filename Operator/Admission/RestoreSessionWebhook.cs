using Granary.Api.Stash.V1Beta1;
using Granary.Api.Validation;
using KubeOps.Operator.Web.Webhooks.Admission.Validation;

namespace Granary.Operator.Admission;

/// <summary>Admission of RestoreSessions, whose specification never changes.</summary>
[ValidationWebhook(typeof(RestoreSession))]
public sealed class RestoreSessionWebhook(ReferenceChecks references) : ValidationWebhook<RestoreSession>
{
    public override async Task<ValidationResult> CreateAsync(
        RestoreSession entity,
        bool dryRun,
        CancellationToken cancellationToken
    ) => Answer(await references.JudgeAsync(AdmissionRules.Create(entity), entity, cancellationToken));

    public override ValidationResult Update(RestoreSession oldEntity, RestoreSession newEntity, bool dryRun) =>
        Answer(Verdict.Of(AdmissionRules.Update(oldEntity, newEntity)));

    private ValidationResult Answer(Verdict verdict) =>
        verdict.Denial is { } denial ? Fail(denial, Verdict.Unprocessable) : Success([.. verdict.Warnings]);
}
