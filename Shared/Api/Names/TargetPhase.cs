namespace Granary.Api.Names;

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
