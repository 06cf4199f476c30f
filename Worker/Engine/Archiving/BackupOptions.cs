using Granary.Engine.Packing;

namespace Granary.Engine.Archiving;

/// <summary>How a backup is made, and the contents of its snapshot.</summary>
public sealed record BackupOptions
{
    /// <summary>Host name of the snapshot; with the paths the default retention group.</summary>
    public required string Hostname { get; init; }

    /// <summary>User name of the snapshot.</summary>
    public string Username { get; init; } = "";

    /// <summary>Numeric user id of the snapshot and its nodes.</summary>
    public uint UserId { get; init; }

    /// <summary>Numeric group id of the snapshot and its nodes.</summary>
    public uint GroupId { get; init; }

    /// <summary>Tags of the snapshot.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The snapshot's time. Default: when the backup starts, local offset.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Name and version of the program.</summary>
    public string ProgramVersion { get; init; } =
        $"granary {typeof(BackupOptions).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>How blobs are compressed, packed and uploaded.</summary>
    public StoreOptions Store { get; init; } = new();

    /// <summary>
    /// Whether a source without a single byte is recorded as an empty file instead of failing the backup. Default:
    /// false.
    /// </summary>
    public bool AllowEmpty { get; init; }

    /// <summary>
    /// Whether to list the packs first and store anew the blobs that the index places in a pack that is missing or cut
    /// short. Default: true.
    /// </summary>
    public bool DistrustUnsoundPacks { get; init; } = true;
}
