using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Granary.Engine.Ids;
using Granary.Engine.Records;
using Granary.Storage;

namespace Granary.Engine.Repositories.Locking;

/// <summary>Acquires, reads and removes lock files. Source: repository format §13.</summary>
internal sealed class LockFiles(OpenRepository repository)
{
    /// <summary>
    /// How long writers wait between writing a lock and looking for others, so that of two at least one sees the other.
    /// </summary>
    /// <remarks>Where every listing shows what was saved before it, that is so without waiting (decision 7).</remarks>
    public static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    public static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(30);

    // A living owner replaces its lock every 5 minutes, and a minute after a failure.
    private static readonly TimeSpan UnrefreshedAfter = TimeSpan.FromMinutes(6.5);

    private static readonly TimeSpan[] UnreadableDelays =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(10),
        TimeSpan.FromSeconds(20),
    ];
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // When each lock in our way was first seen, by a clock that does not jump.
    private readonly ConcurrentDictionary<string, long> _firstSeen = new(StringComparer.Ordinal);

    public async Task<RepositoryLock> AcquireAsync(
        LockMode mode,
        LockOwner owner,
        LockOptions options,
        CancellationToken cancellationToken
    )
    {
        // By a clock that does not jump.
        var started = repository.Time.GetTimestamp();
        for (var delay = TimeSpan.FromSeconds(5); ; delay = delay * 2 < LongestWait ? delay * 2 : LongestWait)
        {
            try
            {
                return await TryAcquireAsync(mode, owner, options, cancellationToken);
            }
            catch (RepositoryLockedException e) when (repository.Time.GetElapsedTime(started) < options.WaitFor)
            {
                var rest = options.WaitFor - repository.Time.GetElapsedTime(started);
                var wait = delay < rest ? delay : rest;
                repository.Logger.LockWaiting(wait, e.Holder.ToString());
                await Task.Delay(wait, repository.Time, cancellationToken);
            }
        }
    }

    public async IAsyncEnumerable<LockHolder> ReadableAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var name in await NamesAsync(cancellationToken))
        {
            LockHolder? holder;
            try
            {
                holder = await ReadOnceAsync(name, cancellationToken);
            }
            catch (RepositoryException)
            {
                holder = null;
            }

            if (holder is not null)
            {
                yield return holder;
            }
        }
    }

    public async Task<int> RemoveStaleAsync(LockOwner self, LockOptions options, CancellationToken cancellationToken)
    {
        var removed = 0;
        await foreach (var holder in ReadableAsync(cancellationToken))
        {
            if (IsStale(holder, self) || await IsGoneAsync(holder, options, cancellationToken))
            {
                await RemoveAsync(holder, cancellationToken);
                removed++;
            }
        }

        return removed;
    }

    public async Task<int> RemoveAllAsync(CancellationToken cancellationToken)
    {
        var names = await repository.NamesAsync(FileKind.Lock, cancellationToken);
        foreach (var name in names)
        {
            await repository.Backend.DeleteAsync(Handle(new LockId(name)), cancellationToken);
            repository.Logger.LockRemoved(name.ToString());
        }

        return names.Count;
    }

    public static FileHandle Handle(LockId id) => new(FileKind.Lock, id.ToString());

    /// <summary>
    /// Deletes a lock file of ours, whatever the caller wishes by now, but for a minute at most: left behind it turns
    /// stale by itself.
    /// </summary>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> TryReleaseAsync(LockId id)
    {
        if (await repository.TryTakeBackAsync(Handle(id)) is not { } failure)
        {
            return true;
        }

        repository.Logger.LockNotReleased(id.ToString(), failure);
        return false;
    }

    /// <summary>
    /// Writes a lock file with the present time. One that may be stored although nobody confirmed it is taken back.
    /// </summary>
    public async Task<WrittenLock> WriteAsync(LockMode mode, LockOwner owner, CancellationToken cancellationToken)
    {
        // Others judge it by the time in it, however long it takes to be stored.
        var (time, timestamp) = (repository.Time.GetLocalNow(), repository.Time.GetTimestamp());
        var record = new LockRecord
        {
            Time = Timestamp.From(time),
            Exclusive = mode == LockMode.Exclusive,
            Hostname = owner.Hostname,
            Username = owner.Username,
            ProcessId = owner.ProcessId,
            UserId = owner.UserId,
            GroupId = owner.GroupId,
            PodNamespace = owner.PodNamespace ?? "",
            PodName = owner.PodName ?? "",
            PodUid = owner.PodUid ?? "",
            ProcessSpace = owner.ProcessSpace ?? "",
        };
        var (name, stored) = repository.Files.Seal(FileKind.Lock, record.ToJson());
        var id = new LockId(name);
        try
        {
            await UnpackedFiles.SaveContentAsync(
                repository.Backend,
                Handle(id),
                new MemoryStream(stored, writable: false),
                cancellationToken
            );
            return new WrittenLock(id, time.UtcTicks, timestamp);
        }
        catch (Exception e) when (e is OperationCanceledException or StorageException { IsTransient: true })
        {
            // Perhaps only the reply is missing. A lock that nobody knows of would block others for half an hour and
            // more.
            await TryReleaseAsync(id);
            throw;
        }
    }

    private async Task<RepositoryLock> TryAcquireAsync(
        LockMode mode,
        LockOwner owner,
        LockOptions options,
        CancellationToken cancellationToken
    )
    {
        await ThrowIfLockedAsync(mode, owner, own: null, options, cancellationToken);
        var own = await WriteAsync(mode, owner, cancellationToken);
        try
        {
            if (!repository.Backend.ListsAtOnce)
            {
                await Task.Delay(SettleTime, repository.Time, cancellationToken);
            }

            await ThrowIfLockedAsync(mode, owner, own.Id, options, cancellationToken);
        }
        catch
        {
            // Also when cancelled: a lock that nobody refreshes would block others for half an hour and more.
            await TryReleaseAsync(own.Id);
            throw;
        }

        return new RepositoryLock(repository, this, mode, owner, own);
    }

    private async Task ThrowIfLockedAsync(
        LockMode mode,
        LockOwner owner,
        LockId? own,
        LockOptions options,
        CancellationToken cancellationToken
    )
    {
        foreach (var name in await NamesWithOwnAsync(own, cancellationToken))
        {
            if (
                name == own
                || await ReadPatientlyAsync(name, cancellationToken) is not { } holder
                || (mode == LockMode.Shared && !holder.Exclusive)
            )
            {
                continue;
            }

            if (
                !(options.RemoveStale && IsStaleInTheWay(holder, owner))
                && !await IsGoneAsync(holder, options, cancellationToken)
            )
            {
                throw new RepositoryLockedException(repository.Backend.Location, holder);
            }

            await RemoveAsync(holder, cancellationToken);
        }
    }

    /// <summary>
    /// Lists locks. A listing that does not show our own lock, which is stored, may hide others' as well, and is asked
    /// for again.
    /// </summary>
    private async Task<List<LockId>> NamesWithOwnAsync(LockId? own, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var names = await NamesAsync(cancellationToken);
            if (own is not { } id || names.Contains(id))
            {
                return names;
            }

            if (attempt == UnreadableDelays.Length)
            {
                throw new LockLostException(
                    repository.Backend.Location,
                    $"lock file {id.ToString()[..8]} is stored but not listed"
                );
            }

            repository.Logger.LockUnlisted(id.ToString(), UnreadableDelays[attempt]);
            await Task.Delay(UnreadableDelays[attempt], repository.Time, cancellationToken);
        }
    }

    private async Task<List<LockId>> NamesAsync(CancellationToken cancellationToken)
    {
        var names = new List<LockId>();
        await foreach (var file in repository.Backend.ListAsync(FileKind.Lock, cancellationToken))
        {
            // An empty file is a lock whose writer died while writing.
            if (file.Size > 0)
            {
                names.Add(new LockId(Sha256Id.Parse(file.Name)));
            }
        }

        return names;
    }

    private async Task<LockHolder?> ReadPatientlyAsync(LockId name, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                if (await ReadOnceAsync(name, cancellationToken) is { } holder)
                {
                    return holder;
                }

                // Released, if it is no longer listed. A store that lists what it cannot find must not be believed.
                return (await NamesAsync(cancellationToken)).Contains(name)
                    ? throw new DamagedFileException(
                        Handle(name).ToString(),
                        "it is listed, but the store says that there is no such file"
                    )
                    : null;
            }
            catch (RepositoryException e) when (attempt < UnreadableDelays.Length)
            {
                repository.Logger.LockUnreadable(name.ToString(), UnreadableDelays[attempt], e.Message);
                await Task.Delay(UnreadableDelays[attempt], repository.Time, cancellationToken);
            }
            catch (DamagedFileException e)
            {
                throw new DamagedFileException(
                    e.File,
                    "the lock cannot be read; if nobody works on the repository, remove it with unlock --remove-all",
                    e
                );
            }
        }
    }

    /// <summary>Who holds a lock; null if it has just been released.</summary>
    private async Task<LockHolder?> ReadOnceAsync(LockId name, CancellationToken cancellationToken)
    {
        LockRecord record;
        try
        {
            record = await repository.Files.LoadAsync(
                repository.Backend,
                FileKind.Lock,
                name.Hash,
                ReadRecord,
                cancellationToken
            );
        }
        catch (StorageException e) when (e.Error == StorageError.NotFound)
        {
            return null;
        }

        var pod = record.PodName.Length == 0 ? null : $"{record.PodNamespace}/{record.PodName}";
        return new LockHolder(
            name.ToString(),
            record.Hostname,
            record.Username,
            record.ProcessId,
            record.Time.Value,
            record.Exclusive,
            pod,
            record.PodUid.Length == 0 ? null : record.PodUid
        )
        {
            ProcessSpace = record.ProcessSpace.Length == 0 ? null : record.ProcessSpace,
        };
    }

    private static LockRecord ReadRecord(Stream json)
    {
        using var bytes = new MemoryStream();
        json.CopyTo(bytes);
        return LockRecord.Parse(bytes.ToArray());
    }

    private static async Task<bool> IsGoneAsync(
        LockHolder holder,
        LockOptions options,
        CancellationToken cancellationToken
    ) => options.IsOwnerGoneAsync is { } ask && await ask(holder, cancellationToken);

    // restic's rule, but for locks that say where their process ids belong.
    private bool IsStale(LockHolder holder, LockOwner self) =>
        repository.Time.GetUtcNow() - holder.Since > StaleAfter
        || IsPodReplaced(holder, self)
        || (
            holder.Hostname == self.Hostname
            && (holder.ProcessSpace is null || holder.ProcessSpace == self.ProcessSpace)
            && !IsAlive(holder.ProcessId)
        );

    private bool IsStaleInTheWay(LockHolder holder, LockOwner self)
    {
        // Pods of one name may live in several clusters, and containers of one host name on one machine see nothing of
        // each other's processes.
        if (
            holder.Hostname == self.Hostname
            && holder.PodUid == self.PodUid
            && holder.ProcessSpace is not null
            && holder.ProcessSpace == self.ProcessSpace
            && !IsAlive(holder.ProcessId)
        )
        {
            return true;
        }

        var seen = _firstSeen.GetOrAdd(holder.LockId, _ => repository.Time.GetTimestamp());
        return repository.Time.GetUtcNow() - holder.Since > StaleAfter
            && repository.Time.GetElapsedTime(seen) > UnrefreshedAfter;
    }

    // A Pod of our name and another UID was our predecessor; it had our process id, too, so that the process would look
    // alive.
    private static bool IsPodReplaced(LockHolder holder, LockOwner self) =>
        holder.PodUid is not null
        && self.PodUid is not null
        && holder.Pod == $"{self.PodNamespace}/{self.PodName}"
        && holder.PodUid != self.PodUid;

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private async Task RemoveAsync(LockHolder holder, CancellationToken cancellationToken)
    {
        await repository.Backend.DeleteAsync(new FileHandle(FileKind.Lock, holder.LockId), cancellationToken);
        repository.Logger.LockRemoved(holder.ToString());
    }
}

/// <summary>A lock file that was written.</summary>
/// <param name="Id">Its name.</param>
/// <param name="UtcTicks">The time that it says, in ticks.</param>
/// <param name="Timestamp">The same moment by the clock that does not jump.</param>
internal readonly record struct WrittenLock(LockId Id, long UtcTicks, long Timestamp);
