using Granary.Api.Common;
using Granary.Engine.Repositories;

namespace Granary.Worker.Steps.Maintenance;

/// <summary>
/// Whose a snapshot is: the invoker that asked for it, told by a tag of the snapshot. Host and path stay as Stash has
/// them, so that several invokers in one repository differ by their tags alone.
/// </summary>
/// <param name="Namespace">Namespace of the invoker.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name.</param>
internal sealed record SnapshotOwner(string Namespace, string Kind, string Name)
{
    private const string InvokerPrefix = "granary.io/invoker=";
    private const string TargetPrefix = "granary.io/target=";

    private string Id => $"{Namespace}/{Kind}/{Name}";

    /// <summary>The tags of a snapshot that this invoker asks for.</summary>
    /// <param name="target">What is backed up.</param>
    public IReadOnlyList<string> TagsFor(TargetRef target) => [$"{InvokerPrefix}{Id}", TargetTag(target, Namespace)];

    /// <summary>
    /// The snapshots that this invoker's retention looks at: its own. While no other invoker has any in the repository,
    /// those without an invoker's tag as well, as Stash made them.
    /// </summary>
    public IReadOnlyList<Snapshot> OwnOf(IReadOnlyList<Snapshot> snapshots)
    {
        var isShared = snapshots.Any(snapshot => InvokerOf(snapshot) is { } owner && owner != Id);
        return [.. snapshots.Where(snapshot => InvokerOf(snapshot) is { } owner ? owner == Id : !isShared)];
    }

    /// <summary>
    /// The newest of snapshots for a restore into a target. Where they are of several targets, only those of this one
    /// count: the newest of another is another database.
    /// </summary>
    /// <param name="snapshots">The snapshots in question; at least one.</param>
    /// <param name="target">What is restored into.</param>
    /// <param name="namespace">Namespace of the restore.</param>
    /// <exception cref="StepFailedException">They are of several targets, and none is of this one.</exception>
    public static Snapshot NewestFor(IReadOnlyList<Snapshot> snapshots, TargetRef target, string @namespace)
    {
        var targets = snapshots
            .Select(snapshot => Value(snapshot, TargetPrefix))
            .OfType<string>()
            .Distinct()
            .Order()
            .ToList();
        if (targets.Count <= 1)
        {
            return snapshots.MaxBy(snapshot => snapshot.Record.Time.Value)!;
        }

        var tag = TargetTag(target, @namespace);
        return snapshots
            .Where(snapshot => snapshot.Record.Tags.Contains(tag, StringComparer.Ordinal))
            .MaxBy(snapshot => snapshot.Record.Time.Value)
            ?? throw new StepFailedException(
                $"The repository holds backups of {string.Join(", ", targets)}, and none of them of "
                    + $"{tag[TargetPrefix.Length..]}; name the snapshot's id in spec.target.rules[].snapshots"
            );
    }

    private static string TargetTag(TargetRef target, string @namespace) =>
        $"{TargetPrefix}{target.NamespaceOr(@namespace)}/{target.Kind}/{target.Name}";

    private static string? InvokerOf(Snapshot snapshot) => Value(snapshot, InvokerPrefix);

    private static string? Value(Snapshot snapshot, string prefix) =>
        snapshot.Record.Tags.FirstOrDefault(tag => tag.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];
}
