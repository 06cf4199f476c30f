using Granary.Engine.Records;
using Granary.Engine.Repositories;

namespace Granary.Engine.Retention;

/// <summary>
/// The properties that make snapshots one group, to which a policy is applied alone. Source: repository format §12.1.
/// </summary>
[Flags]
public enum SnapshotGrouping
{
    /// <summary>All snapshots are one group.</summary>
    None = 0,

    /// <summary>By host name.</summary>
    Host = 1,

    /// <summary>By the sorted list of paths.</summary>
    Paths = 2,

    /// <summary>By the sorted list of tags.</summary>
    Tags = 4,

    /// <summary>restic's default.</summary>
    Default = Host | Paths,
}

/// <summary>A group of snapshots, and the fate of each.</summary>
/// <param name="Host">The host, where grouping looks at it.</param>
/// <param name="Paths">The sorted paths, where grouping looks at them.</param>
/// <param name="Tags">The sorted tags, where grouping looks at them.</param>
/// <param name="Verdicts">Newest first.</param>
public sealed record ForgetGroup(
    string? Host,
    IReadOnlyList<string>? Paths,
    IReadOnlyList<string>? Tags,
    IReadOnlyList<RetentionVerdict<Snapshot>> Verdicts
);

/// <summary>Which snapshots go and which stay, and why. A value: nothing is deleted by making one.</summary>
public sealed record ForgetPlan(IReadOnlyList<ForgetGroup> Groups)
{
    /// <summary>The snapshots to delete.</summary>
    public IEnumerable<Snapshot> Remove =>
        Groups
            .SelectMany(group => group.Verdicts)
            .Where(verdict => !verdict.IsKept)
            .Select(verdict => verdict.Snapshot);

    /// <summary>The snapshots that stay.</summary>
    public IEnumerable<Snapshot> Keep =>
        Groups.SelectMany(group => group.Verdicts).Where(verdict => verdict.IsKept).Select(verdict => verdict.Snapshot);

    /// <summary>Applies a policy to each group of snapshots.</summary>
    /// <exception cref="RetentionRefusedException">
    /// The policy is empty, or would remove all snapshots of a group.
    /// </exception>
    public static ForgetPlan For(
        IEnumerable<Snapshot> snapshots,
        RetentionPolicy policy,
        SnapshotGrouping grouping,
        DateTimeOffset now
    )
    {
        if (policy.IsEmpty)
        {
            throw new RetentionRefusedException("the retention policy keeps nothing: set at least one keep rule");
        }

        var groups = new List<ForgetGroup>();
        foreach (
            IGrouping<string, Snapshot> members in snapshots.GroupBy(
                snapshot => Key(snapshot.Record, grouping),
                StringComparer.Ordinal
            )
        )
        {
            SnapshotRecord first = members.First().Record;
            var group = new ForgetGroup(
                grouping.HasFlag(SnapshotGrouping.Host) ? first.Hostname : null,
                grouping.HasFlag(SnapshotGrouping.Paths) ? Sorted(first.Paths) : null,
                grouping.HasFlag(SnapshotGrouping.Tags) ? Sorted(first.Tags) : null,
                policy.Apply(members, snapshot => snapshot.Record.Time, snapshot => snapshot.Record.Tags, now)
            );
            if (!group.Verdicts.Any(verdict => verdict.IsKept))
            {
                throw new RetentionRefusedException(
                    $"the retention policy would delete the last snapshot of host '{first.Hostname}', paths "
                        + $"{string.Join(", ", first.Paths)}: nothing is deleted"
                );
            }

            groups.Add(group);
        }

        return new ForgetPlan([
            .. groups
                .OrderBy(group => group.Host, StringComparer.Ordinal)
                .ThenBy(group => string.Join('\0', group.Paths ?? []), StringComparer.Ordinal)
                .ThenBy(group => string.Join('\0', group.Tags ?? []), StringComparer.Ordinal),
        ]);
    }

    /// <summary>
    /// Removes exactly these snapshots: a caller that names them one by one is not asked for a policy.
    /// </summary>
    public static ForgetPlan Exactly(IEnumerable<Snapshot> snapshots) =>
        new([
            new ForgetGroup(
                null,
                null,
                null,
                [.. snapshots.Select(snapshot => new RetentionVerdict<Snapshot>(snapshot, []))]
            ),
        ]);

    // Each part and its length, so that no text in it can pass for the border between two.
    private static string Key(SnapshotRecord snapshot, SnapshotGrouping grouping) =>
        string.Concat(
            KeyOf(grouping.HasFlag(SnapshotGrouping.Host) ? [snapshot.Hostname] : []),
            KeyOf(grouping.HasFlag(SnapshotGrouping.Paths) ? Sorted(snapshot.Paths) : []),
            KeyOf(grouping.HasFlag(SnapshotGrouping.Tags) ? Sorted(snapshot.Tags) : [])
        );

    private static string KeyOf(string[] values) =>
        $"{values.Length}[{string.Concat(values.Select(value => $"{value.Length}:{value}"))}]";

    private static string[] Sorted(IEnumerable<string> values) => [.. values.Order(StringComparer.Ordinal)];
}

/// <summary>
/// A retention policy that would remove too much. Nothing was deleted. Source: repository format §12.5.
/// </summary>
public sealed class RetentionRefusedException(string message) : RepositoryException(message);
