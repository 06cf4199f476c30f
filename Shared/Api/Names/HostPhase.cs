namespace Granary.Api.Names;

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
