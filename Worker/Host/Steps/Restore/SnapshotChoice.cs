using Granary.Api.Names;
using Granary.Engine;
using Granary.Engine.Repositories;

namespace Granary.Worker.Steps.Restore;

/// <summary>Which snapshot a restore takes. Source: stash-behaviour §4.4, D12.</summary>
internal static class SnapshotChoice
{
    private const string Latest = "latest";

    /// <summary>Finds the snapshot.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="wanted">A full or short id, <c>latest</c>, or nothing (latest as well).</param>
    /// <param name="sourceHost">The host whose backup is wanted; empty when nobody said.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="StepFailedException">Several snapshots are named; a database is restored from one.</exception>
    /// <exception cref="Engine.SnapshotNotFoundException">There is none.</exception>
    public static async Task<Snapshot> FindAsync(
        OpenRepository repository,
        string wanted,
        string sourceHost,
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
            return await repository.FindSnapshotAsync(Latest, dumps with { Hosts = [sourceHost] }, cancellationToken);
        }

        // Nobody named a host. The one that backups without an alias use comes first, if there is one.
        var ofDefaultHost = dumps with { Hosts = [PodNames.DefaultHost] };
        var hasDefaultHost = (await repository.SnapshotsAsync(ofDefaultHost, cancellationToken)).Count > 0;
        return await repository.FindSnapshotAsync(Latest, hasDefaultHost ? ofDefaultHost : dumps, cancellationToken);
    }
}
