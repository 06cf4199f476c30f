using Granary.Api.Stash.V1Beta1;
using Granary.Api.Validation;
using KubeOps.Operator.Web.Webhooks.Admission.Validation;

namespace Granary.Operator.Admission;

/// <summary>Admission of BackupSessions, also of those that somebody writes by hand.</summary>
[ValidationWebhook(typeof(BackupSession))]
public sealed class BackupSessionWebhook : ValidationWebhook<BackupSession>
{
    public override ValidationResult Create(BackupSession entity, bool dryRun) =>
        Answer(Verdict.Of(AdmissionRules.Create(entity)));

    public override ValidationResult Update(BackupSession oldEntity, BackupSession newEntity, bool dryRun) =>
        Answer(Verdict.Of(AdmissionRules.Update(oldEntity, newEntity)));

    private ValidationResult Answer(Verdict verdict) =>
        verdict.Denial is { } denial ? Fail(denial, Verdict.Unprocessable) : Success();
}
