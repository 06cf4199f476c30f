using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Engine;
using Granary.Engine.Repositories;
using Granary.Worker.Steps.Maintenance;

namespace Granary.Worker.Steps.Restore;

/// <summary>Which snapshot a restore takes. Source: stash-behaviour §4.4, D12.</summary>
internal static class SnapshotChoice
{
    private const string Latest = "latest";

    /// <summary>Finds the snapshot.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="wanted">A full or short id, <c>latest</c>, or nothing (latest as well).</param>
    /// <param name="sourceHost">The host whose backup is wanted; empty when nobody said.</param>
    /// <param name="target">What is restored into.</param>
    /// <param name="namespace">Namespace of the restore.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="StepFailedException">
    /// Several snapshots are named, and a database is restored from one; or the latest could be several invokers'.
    /// </exception>
    /// <exception cref="Engine.SnapshotNotFoundException">There is none.</exception>
    public static async Task<Snapshot> FindAsync(
        OpenRepository repository,
        string wanted,
        string sourceHost,
        TargetRef target,
        string @namespace,
        CancellationToken cancellationToken
    )
    {
        var names = wanted.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names.Length > 1)
        {
            throw new StepFailedException(
                $"{names.Length} snapshots are named ({wanted}); a database is restored from exactly one"
            );
        }

        if (names is [not Latest])
        {
            return await repository.FindSnapshotAsync(names[0], SnapshotFilter.All, cancellationToken);
        }

        var dumps = new SnapshotFilter { Paths = [$"/{PodNames.DumpFile}"] };
        if (sourceHost.Length > 0)
        {
            return await NewestAsync(dumps with { Hosts = [sourceHost] });
        }

        // Nobody named a host. The one that backups without an alias use comes first, if there is one.
        var ofDefaultHost = dumps with { Hosts = [PodNames.DefaultHost] };
        var hasDefaultHost = (await repository.SnapshotsAsync(ofDefaultHost, cancellationToken)).Count > 0;
        return await NewestAsync(hasDefaultHost ? ofDefaultHost : dumps);

        async Task<Snapshot> NewestAsync(SnapshotFilter filter)
        {
            var found = await repository.SnapshotsAsync(filter, cancellationToken);
            return found.Count > 0
                ? SnapshotOwner.NewestFor(found, target, @namespace)
                : await repository.FindSnapshotAsync(Latest, filter, cancellationToken); // Says what is missing.
        }
    }
}
