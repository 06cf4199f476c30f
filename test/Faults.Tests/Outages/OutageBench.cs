using Granary.Engine.Archiving;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.Storage.Decorators;

namespace Granary.Faults.Tests.Outages;

/// <summary>Steps that the tests of outages share.</summary>
internal static class OutageBench
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Sample Sample { get; } = new(OwnLength: 3_000_000);

    /// <summary>The layer that retries, but not patiently.</summary>
    public static RetryingBackend Retrying(IBackend backend) =>
        new(backend, new RetryOptions { FirstDelay = TimeSpan.FromMilliseconds(20) }, TimeProvider.System);

    public static async Task<BackupResult> BackupAsync(IBackend backend, LockOwner owner) =>
        await Sample.BackupAsync(await Sample.OpenAsync(backend), owner, "new");

    public static async Task DumpAsync(IBackend backend, LockOwner owner) =>
        await Sample.DumpLatestAsync(await Sample.OpenAsync(backend), owner);

    /// <summary>Every listed snapshot restores, restic finds no error, and the next backup succeeds.</summary>
    public static async Task NothingIsLostAsync(Place place, params string[] tags)
    {
        Assert.Superset(
            tags.ToHashSet(StringComparer.Ordinal),
            (await Sample.EverySnapshotRestoresAsync(place.Backend)).ToHashSet(StringComparer.Ordinal)
        );
        await Proof.ResticFindsNoErrorAsync(place, Cancellation);
        await BackupAsync(place.Backend, Sample.Living);
        Assert.Superset(
            new HashSet<string>([.. tags, "new"], StringComparer.Ordinal),
            (await Sample.EverySnapshotRestoresAsync(place.Backend)).ToHashSet(StringComparer.Ordinal)
        );
    }
}
