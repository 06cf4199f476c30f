namespace Granary.Api.Names;

/// <summary>Phases of a BackupConfiguration or BackupBatch.</summary>
public static class InvokerPhase
{
    public const string Invalid = "Invalid";
    public const string Ready = "Ready";
    public const string NotReady = "NotReady";
}
