namespace Granary.Api.Names;

/// <summary>Phases of a BackupConfiguration or BackupBatch.</summary>
public static class InvokerPhase
{
    public const string Invalid = "Invalid";
    public const string Ready = "Ready";
    public const string NotReady = "NotReady";
}

/// <summary>Phases of a BackupSession.</summary>
public static class SessionPhase
{
    public const string Pending = "Pending";
    public const string Skipped = "Skipped";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";
    public const string Unknown = "Unknown";

    /// <summary>Whether a session in this phase is over.</summary>
    public static bool IsFinal(string? phase) => phase is Succeeded or Failed or Skipped or Unknown;
}

/// <summary>Phases of a RestoreSession or RestoreBatch.</summary>
public static class RestorePhase
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";
    public const string Unknown = "Unknown";
    public const string Invalid = "Invalid";

    /// <summary>Whether a restore in this phase is over.</summary>
    public static bool IsFinal(string? phase) => phase is Succeeded or Failed or Unknown;
}

/// <summary>Phases of one target of a session or of one member of a RestoreBatch.</summary>
public static class TargetPhase
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    /// <summary>For members of a RestoreBatch only.</summary>
    public const string Unknown = "Unknown";
}

/// <summary>Phases of one host.</summary>
public static class HostPhase
{
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    /// <summary>For restores only.</summary>
    public const string Running = "Running";

    /// <summary>For restores only.</summary>
    public const string Unknown = "Unknown";
}
