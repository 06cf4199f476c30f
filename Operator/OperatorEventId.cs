namespace Granary.Operator;

/// <summary>
/// Ids of the operator's log messages, in order. An id stays for ever; a message that goes takes its id with it.
/// </summary>
internal static class OperatorEventId
{
    public const int WriteConflict = 4000;
    public const int PhaseChanged = 4001;
    public const int JobEnsured = 4002;
    public const int JobRefused = 4003;
    public const int JobLost = 4004;
    public const int SessionWaits = 4005;
    public const int SessionCleaned = 4006;
    public const int MetricsNotPushed = 4007;
    public const int TriggerJobDeleted = 4008;
    public const int ReferencePruned = 4009;
    public const int CertificateReady = 4010;
    public const int CertificateFailed = 4011;
    public const int CaBundlePatched = 4012;
    public const int WebhookConfigurationMissing = 4013;
    public const int CronJobRefused = 4014;
    public const int Starting = 4015;
    public const int WipeOutLeft = 4030;
    public const int ApiBusy = 4031;
    public const int GrantsSwept = 4032;
}
