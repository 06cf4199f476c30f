using Granary.Engine.Ids;
using Granary.Engine.Records;

namespace Granary.Engine.Repositories;

/// <summary>A stored snapshot and its name.</summary>
public sealed record Snapshot(SnapshotId Id, SnapshotRecord Record);

/// <summary>Which snapshots are meant. Empty lists match everything.</summary>
/// <remarks>
/// Any of the hosts; all of the paths; any of the tag lists, each of which must match fully. Source: repository format
/// §11.
/// </remarks>
public sealed record SnapshotFilter
{
    /// <summary>A filter that every snapshot passes.</summary>
    public static SnapshotFilter All { get; } = new();

    /// <summary>Host names, one of which must match exactly.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Paths, all of which the snapshot must have.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>
    /// Lists of tags, one of which the snapshot must have in full. The list with one empty tag means "without tags".
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> TagLists { get; init; } = [];

    /// <summary>Whether a snapshot passes.</summary>
    public bool Matches(SnapshotRecord snapshot) =>
        (Hosts.Count == 0 || Hosts.Contains(snapshot.Hostname, StringComparer.Ordinal))
        && Paths.All(path => snapshot.Paths.Contains(path, StringComparer.Ordinal))
        && (TagLists.Count == 0 || TagLists.Any(tags => HasAll(snapshot, tags)));

    private static bool HasAll(SnapshotRecord snapshot, IReadOnlyList<string> tags) =>
        tags is [""] ? snapshot.Tags.Count == 0 : tags.All(tag => snapshot.Tags.Contains(tag, StringComparer.Ordinal));
}
