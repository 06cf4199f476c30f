using Granary.Engine.Ids;
using Granary.Engine.Repositories.Files;

namespace Granary.Engine.Repositories.Locking;

/// <summary>
/// Takes a lock: looks for others, writes its own, looks again. Source: repository format §13.
/// </summary>
internal sealed class LockAcquisition(StoredFiles files, LockFiles locks)
{
    private readonly LockStaleness _staleness = new(files.Time);

    public async Task<RepositoryLock> AcquireAsync(
        LockMode mode,
        LockOwner owner,
        LockOptions options,
        CancellationToken cancellationToken
    )
    {
        // By a clock that does not jump.
        var started = files.Time.GetTimestamp();
        for (var delay = LockTimes.FirstWait; ; delay = Shorter(delay * 2, LockTimes.LongestWait))
        {
            try
            {
                return await TryAcquireAsync(mode, owner, options, cancellationToken);
            }
            catch (RepositoryLockedException e) when (files.Time.GetElapsedTime(started) < options.WaitFor)
            {
                var rest = options.WaitFor - files.Time.GetElapsedTime(started);
                var wait = Shorter(delay, rest);
                files.Logger.LockWaiting(wait, e.Holder.ToString());
                await Task.Delay(wait, files.Time, cancellationToken);
            }
        }
    }

    private async Task<RepositoryLock> TryAcquireAsync(
        LockMode mode,
        LockOwner owner,
        LockOptions options,
        CancellationToken cancellationToken
    )
    {
        await RemoveDeadOrThrowAsync(mode, owner, own: null, options, cancellationToken);
        var own = await locks.WriteAsync(mode, owner, cancellationToken);
        try
        {
            if (!files.Backend.ListsAtOnce)
            {
                await Task.Delay(LockTimes.SettleTime, files.Time, cancellationToken);
            }

            await RemoveDeadOrThrowAsync(mode, owner, own.Id, options, cancellationToken);
        }
        catch
        {
            // Also when cancelled: a lock that nobody refreshes would block others for half an hour and more.
            await locks.TryReleaseAsync(own.Id);
            throw;
        }

        return new RepositoryLock(files, locks, mode, owner, own);
    }

    /// <summary>Removes locks in our way that have no living owner.</summary>
    /// <exception cref="RepositoryLockedException">One has a living owner.</exception>
    private async Task RemoveDeadOrThrowAsync(
        LockMode mode,
        LockOwner owner,
        LockId? own,
        LockOptions options,
        CancellationToken cancellationToken
    )
    {
        var names = own is { } ours
            ? await locks.NamesWithOwnAsync(ours, cancellationToken)
            : await locks.NamesAsync(cancellationToken);
        foreach (var name in names)
        {
            if (
                name == own
                || await locks.ReadOrRetryAsync(name, cancellationToken) is not { } holder
                || (mode == LockMode.Shared && !holder.Exclusive)
            )
            {
                continue;
            }

            if (
                !(options.RemoveStale && _staleness.MayRemove(holder, owner))
                && !await LockStaleness.IsOwnerGoneAsync(holder, options, cancellationToken)
            )
            {
                throw new RepositoryLockedException(files.Backend.Location, holder);
            }

            await locks.RemoveAsync(holder, cancellationToken);
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
