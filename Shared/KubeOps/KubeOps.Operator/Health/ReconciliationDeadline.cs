namespace KubeOps.Operator.Health;

/// <summary>How long one reconciliation may take before its token is cancelled and it is tried again.</summary>
internal static class ReconciliationDeadline
{
    /// <summary>Enough for dozens of requests that each take their longest.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromMinutes(5);
}
