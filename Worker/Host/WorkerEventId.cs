namespace Granary.Worker;

/// <summary>
/// Ids of the worker's log messages, in order. An id stays for ever; a message that goes takes its id with it.
/// </summary>
internal static class WorkerEventId
{
    public const int ServerNotReady = 3001;
    public const int ToolStarted = 3002;
    public const int ToolSaid = 3003;
    public const int SqlFailed = 3004;
    public const int ClusterRetry = 3020;
    public const int LockOwnerGone = 3021;
    public const int LockOwnerUnknown = 3022;
    public const int Progress = 3030;
    public const int BackupStarts = 3031;
    public const int BackupMade = 3032;
    public const int RestoreStarts = 3033;
    public const int RestoreMade = 3034;
    public const int StepFailed = 3035;
    public const int StepBroke = 3036;
    public const int UnknownFlags = 3037;
    public const int WaitingForRepository = 3038;
    public const int SnapshotUnreadable = 3039;
    public const int EventNotWritten = 3040;
    public const int MetricsNotPushed = 3041;
    public const int ActionDone = 3042;
    public const int ActionFailed = 3043;
    public const int SessionCreated = 3044;
    public const int CommandFailed = 3050;
    public const int CommandBroke = 3051;
    public const int Interrupted = 3052;
    public const int PriorityRefused = 3053;
}
