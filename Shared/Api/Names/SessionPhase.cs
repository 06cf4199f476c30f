namespace Granary.Api.Names;

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
