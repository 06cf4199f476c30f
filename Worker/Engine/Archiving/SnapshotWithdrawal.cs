using Granary.Engine.Ids;
using Granary.Engine.Repositories;
using Granary.Storage;

namespace Granary.Engine.Archiving;

/// <summary>Taking a snapshot back that was written just now.</summary>
public static class SnapshotWithdrawal
{
    /// <summary>
    /// Deletes a snapshot of our own that did not prove good. A snapshot that is listed is taken for good: by a user
    /// who restores <c>latest</c>, and by a retention policy, which would keep it and let a good one go.
    /// </summary>
    /// <remarks>
    /// Runs even if the caller was cancelled, for a minute at most. A failure is logged only: the error that led here
    /// is already being reported.
    /// </remarks>
    /// <param name="repository">The repository.</param>
    /// <param name="snapshot">The snapshot, which may not be stored at all.</param>
    /// <param name="reason">Why.</param>
    public static async Task WithdrawSnapshotAsync(this OpenRepository repository, SnapshotId snapshot, string reason)
    {
        ArgumentNullException.ThrowIfNull(repository);
        repository.Logger.SnapshotWithdrawn(snapshot.ToString(), reason);
        if (
            await repository.Stored.TryTakeBackAsync(new FileHandle(FileKind.Snapshot, snapshot.ToString())) is
            { } failure
        )
        {
            repository.Logger.SnapshotNotWithdrawn(snapshot.ToString(), failure.Message);
        }
    }
}
