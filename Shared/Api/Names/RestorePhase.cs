namespace Granary.Api.Names;

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
