using System.Runtime.CompilerServices;
using Granary.Engine.Ids;
using Granary.Engine.Records;
using Granary.Engine.Repositories.Files;
using Granary.Storage;

namespace Granary.Engine.Repositories.Locking;

/// <summary>Lists, reads, writes and removes lock files. Source: repository format §13.</summary>
internal sealed class LockFiles(StoredFiles files)
{
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
            if (
                LockStaleness.IsStale(holder, self, files.Time.GetUtcNow())
                || await LockStaleness.IsOwnerGoneAsync(holder, options, cancellationToken)
            )
            {
                await RemoveAsync(holder, cancellationToken);
                removed++;
            }
        }

        return removed;
    }

    public async Task<int> RemoveAllAsync(CancellationToken cancellationToken)
    {
        var names = await files.NamesAsync(FileKind.Lock, cancellationToken);
        foreach (var name in names)
        {
            await files.Backend.DeleteAsync(Handle(new LockId(name)), cancellationToken);
            files.Logger.LockRemoved(name.ToString());
        }

        return names.Count;
    }

    public static FileHandle Handle(LockId id) => new(FileKind.Lock, id.ToString());

    /// <summary>
    /// Deletes a lock file of ours, for a minute at most, also when the caller was cancelled. Left behind, it turns
    /// stale by itself.
    /// </summary>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> TryReleaseAsync(LockId id)
    {
        if (await files.TryTakeBackAsync(Handle(id)) is not { } failure)
        {
            return true;
        }

        files.Logger.LockNotReleased(id.ToString(), failure);
        return false;
    }

    /// <summary>
    /// Writes a lock file with the present time. One that may be stored although nobody confirmed it is taken back.
    /// </summary>
    public async Task<WrittenLock> WriteAsync(LockMode mode, LockOwner owner, CancellationToken cancellationToken)
    {
        // Others judge it by the time in it, however long it takes to be stored.
        var (time, timestamp) = (files.Time.GetLocalNow(), files.Time.GetTimestamp());
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
        var (name, stored) = files.Documents.Seal(FileKind.Lock, record.ToJson());
        var id = new LockId(name);
        try
        {
            await UnpackedFiles.SaveContentAsync(
                files.Backend,
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

    /// <summary>Lists locks, one of ours included, which is stored.</summary>
    /// <exception cref="LockLostException">Our own is still not listed.</exception>
    public async Task<List<LockId>> NamesWithOwnAsync(LockId own, CancellationToken cancellationToken) =>
        await OwnListing.ReadAsync(
            own,
            NamesAsync,
            LockTimes.LookAgainAfter,
            files.Time,
            wait => files.Logger.LockUnlisted(own.ToString(), wait),
            cancellationToken
        )
        ?? throw new LockLostException(
            files.Backend.Location,
            $"lock file {own.ToString()[..8]} is stored but not listed"
        );

    /// <summary>Lists locks.</summary>
    public async Task<List<LockId>> NamesAsync(CancellationToken cancellationToken)
    {
        var names = new List<LockId>();
        await foreach (var file in files.Backend.ListAsync(FileKind.Lock, cancellationToken))
        {
            // An empty file is a lock whose writer died while writing.
            if (file.Size > 0)
            {
                names.Add(new LockId(Sha256Id.Parse(file.Name)));
            }
        }

        return names;
    }

    /// <summary>The owner of a lock, tried for 35 seconds; null if it has been released.</summary>
    /// <exception cref="DamagedFileException">It cannot be read.</exception>
    public async Task<LockHolder?> ReadOrRetryAsync(LockId name, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                if (await ReadOnceAsync(name, cancellationToken) is { } holder)
                {
                    return holder;
                }

                // Released, if it is no longer listed. A store that lists files it cannot find must not be believed.
                return (await NamesAsync(cancellationToken)).Contains(name)
                    ? throw new DamagedFileException(
                        Handle(name).ToString(),
                        "it is listed, but the store says that there is no such file"
                    )
                    : null;
            }
            catch (RepositoryException e) when (attempt < LockTimes.LookAgainAfter.Count)
            {
                files.Logger.LockUnreadable(name.ToString(), LockTimes.LookAgainAfter[attempt], e.Message);
                await Task.Delay(LockTimes.LookAgainAfter[attempt], files.Time, cancellationToken);
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

    /// <summary>The owner of a lock; null if it has just been released.</summary>
    private async Task<LockHolder?> ReadOnceAsync(LockId name, CancellationToken cancellationToken)
    {
        LockRecord record;
        try
        {
            record = await files.LoadAsync(FileKind.Lock, name.Hash, ReadRecord, cancellationToken);
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

    /// <summary>Removes somebody's lock.</summary>
    public async Task RemoveAsync(LockHolder holder, CancellationToken cancellationToken)
    {
        await files.Backend.DeleteAsync(new FileHandle(FileKind.Lock, holder.LockId), cancellationToken);
        files.Logger.LockRemoved(holder.ToString());
    }
}

/// <summary>A lock file that was written.</summary>
/// <param name="Id">Its name.</param>
/// <param name="UtcTicks">The time that it says, in ticks.</param>
/// <param name="Timestamp">The same moment by the clock that does not jump.</param>
internal readonly record struct WrittenLock(LockId Id, long UtcTicks, long Timestamp);
