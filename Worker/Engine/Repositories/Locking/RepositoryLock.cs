using Granary.Engine.Ids;
using Granary.Engine.Repositories.Files;
using Granary.Storage;

namespace Granary.Engine.Repositories.Locking;

/// <summary>
/// A lock file of ours, kept fresh in the background until disposed of. Source: repository format §13, §22.
/// </summary>
/// <remarks>
/// Others may take an old lock for dead (<see cref="LockTimes"/>). So it is refreshed, and once no refresh has
/// succeeded for long, writing stops until the lock is re-established: still there, replaced, and the old one still
/// there after that. Time is read from the wall clock, because timers stop while a machine sleeps, and from the timer
/// as well, because a wall clock may be put back.
/// </remarks>
public sealed class RepositoryLock : IAsyncDisposable
{
    private readonly StoredFiles _stored;
    private readonly LockFiles _files;
    private readonly LockOwner _owner;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly Task _refreshing;

    // Replaced lock files that could not be deleted yet.
    private readonly List<LockId> _replaced = [];
    private LockId _id;
    private long _refreshedTicks;
    private long _refreshedTimestamp;
    private string? _lostReason;
    private bool _isDisposed;

    internal RepositoryLock(StoredFiles stored, LockFiles files, LockMode mode, LockOwner owner, WrittenLock written)
    {
        _stored = stored;
        _files = files;
        _owner = owner;
        _id = written.Id;
        Mode = mode;
        Lost = _lost.Token;
        Backend = new LockGuardedBackend(stored.Backend, this);
        NoteRefreshed(written);
        _refreshing = RefreshInBackgroundAsync();
    }

    /// <summary>Cancelled when the lock is lost: all work under it must stop.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Whether it is exclusive.</summary>
    public LockMode Mode { get; }

    /// <summary>The name of the lock file; it changes with every refresh.</summary>
    public string Id => _id.ToString();

    /// <summary>The repository's store, on which nothing is written or deleted while the lock is in doubt.</summary>
    internal IBackend Backend { get; }

    private DateTimeOffset Now => _stored.Time.GetUtcNow();

    /// <summary>Whether it is known to be lost.</summary>
    internal bool IsLost => _lostReason is not null;

    /// <summary>Whether others may take it for dead: no refresh has succeeded for long.</summary>
    internal bool IsDoubtful =>
        Now.UtcTicks - Volatile.Read(ref _refreshedTicks) > LockTimes.DoubtfulAfter.Ticks
        || _stored.Time.GetElapsedTime(Volatile.Read(ref _refreshedTimestamp)) > LockTimes.DoubtfulAfter;

    /// <summary>
    /// Deletes the lock file. Takes a minute for each file at most; one that cannot be deleted turns stale by itself.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await _stop.CancelAsync();
        await _refreshing;
        _replaced.Add(_id);
        await DeleteReplacedAsync();
        _stop.Dispose();
        _lost.Dispose();
        _changing.Dispose();
    }

    /// <summary>Looks whether the lock file is still there, as must be just before a snapshot is written.</summary>
    /// <exception cref="LockLostException">It is gone: somebody removed it and may be pruning.</exception>
    internal async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        await EnsureFreshAsync(cancellationToken);
        await _changing.WaitAsync(cancellationToken);
        try
        {
            await EnsureExistsAsync(cancellationToken);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Returns at once while the lock is fresh; otherwise re-establishes it first.</summary>
    /// <exception cref="LockLostException">It is lost.</exception>
    internal async ValueTask EnsureFreshAsync(CancellationToken cancellationToken)
    {
        ThrowIfLost();
        if (!IsDoubtful)
        {
            return;
        }

        await _changing.WaitAsync(cancellationToken);
        try
        {
            ThrowIfLost();
            while (IsDoubtful)
            {
                // Once, unless that takes so long that the new lock is old by then.
                await ReplaceAsync(cancellationToken);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private void NoteRefreshed(WrittenLock written)
    {
        Volatile.Write(ref _refreshedTimestamp, written.Timestamp);
        Volatile.Write(ref _refreshedTicks, written.UtcTicks);
    }

    private async Task RefreshInBackgroundAsync()
    {
        var delay = LockTimes.RefreshEvery;
        while (!Lost.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(delay, _stored.Time, _stop.Token);
                await RefreshAsync(_stop.Token);
                delay = LockTimes.RefreshEvery;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (LockLostException)
            {
                return;
            }
            catch (Exception e)
            {
                delay = LockTimes.RefreshAgainAfter;
                _stored.Logger.LockRefreshFailed(delay, e);
            }
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            ThrowIfLost();
            await ReplaceAsync(cancellationToken);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>
    /// Writes a new lock file and deletes the old one. The old one must be there, or else somebody has been free to
    /// prune.
    /// </summary>
    private async Task ReplaceAsync(CancellationToken cancellationToken)
    {
        var wasDoubtful = IsDoubtful;
        await EnsureExistsAsync(cancellationToken);
        var old = _id;
        var fresh = await _files.WriteAsync(Mode, _owner, cancellationToken);
        try
        {
            if (wasDoubtful || IsDoubtful)
            {
                // It may be so only since the new file was tried again and again. Somebody may have judged the old lock
                // dead by now, or at this very moment; after this pause we see its fate.
                await Task.Delay(LockTimes.SettleTime, _stored.Time, cancellationToken);
                await EnsureExistsAsync(cancellationToken);
            }
        }
        catch
        {
            // Cancelled or lost or unknown: two files of ours are worse than one in any case.
            _replaced.Add(fresh.Id);
            await DeleteReplacedAsync();
            throw;
        }

        _id = fresh.Id;
        NoteRefreshed(fresh);
        _stored.Logger.LockRefreshed(Id);

        // From here on the new file counts.
        _replaced.Add(old);
        await DeleteReplacedAsync();
    }

    // One that stays is tried again after the next refresh and at the end: left behind it would block others for half
    // an hour and more.
    private async Task DeleteReplacedAsync()
    {
        for (var i = _replaced.Count - 1; i >= 0; i--)
        {
            if (await _files.TryReleaseAsync(_replaced[i]))
            {
                _replaced.RemoveAt(i);
            }
        }
    }

    private async Task EnsureExistsAsync(CancellationToken cancellationToken)
    {
        if (await _stored.Backend.SizeAsync(LockFiles.Handle(_id), cancellationToken) is null)
        {
            await LoseAsync($"lock file {Id[..8]} is gone");
        }
    }

    private async Task LoseAsync(string reason)
    {
        _lostReason = reason;
        _stored.Logger.LockLost(reason);
        await _lost.CancelAsync();
        ThrowIfLost();
    }

    /// <exception cref="LockLostException">The lock is lost.</exception>
    internal void ThrowIfLost()
    {
        if (_lostReason is { } reason)
        {
            throw new LockLostException(_stored.Backend.Location, reason);
        }
    }
}
