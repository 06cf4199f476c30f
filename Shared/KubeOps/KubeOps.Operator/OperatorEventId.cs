namespace KubeOps.Operator;

/// <summary>
/// Ids of the runtime's log messages, in order. An id stays for ever; a message that goes takes its id with it.
/// </summary>
internal static class OperatorEventId
{
    public const int Watching = 5001;
    public const int WatchExpired = 5002;
    public const int WatchFailed = 5003;
    public const int Listed = 5004;
    public const int ChangeSkipped = 5005;
    public const int Reconciling = 5010;
    public const int Reconciled = 5011;
    public const int ReconciliationFailed = 5012;
    public const int ReconciliationThrew = 5013;
    public const int Conflict = 5014;
    public const int GoneBeforeReconciliation = 5015;
    public const int NoOwnFinalizer = 5016;
    public const int FinalizerDetached = 5017;
    public const int FinalizersAttached = 5018;
    public const int LoopFailed = 5020;
    public const int NotDrained = 5021;
    public const int Leading = 5030;
    public const int LeadershipLost = 5031;
    public const int LeadershipReleased = 5032;
    public const int LeaseRequestFailed = 5033;
    public const int TermNotDrained = 5034;
    public const int Following = 5035;
    public const int EventFailed = 5040;
    public const int CrdInstalled = 5050;
    public const int CrdFailed = 5051;
    public const int EnricherFailed = 5060;
}
