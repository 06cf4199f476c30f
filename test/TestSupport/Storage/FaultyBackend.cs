using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Granary.Storage;
using Granary.Storage.Decorators;

namespace Granary.TestSupport;

/// <summary>How a planned failure shows itself.</summary>
public enum Fault
{
    /// <summary>The operation is not performed and fails for a passing reason.</summary>
    Error,

    /// <summary>
    /// It fails like a request that made no progress. Every other one was performed nevertheless: nobody knows.
    /// </summary>
    TimeOut,

    /// <summary>The operation is not performed and fails for good: access denied.</summary>
    Denied,

    /// <summary>The operation is not performed and fails for good: the store is full.</summary>
    Full,

    /// <summary>
    /// A read of a whole file gives its first half, and one of a range fails as truncated; any other operation fails
    /// like <see cref="Error"/>.
    /// </summary>
    ShortRead,

    /// <summary>
    /// The operation is performed, but its reply is lost: it throws like <see cref="TimeOut"/>. Listings break midway.
    /// </summary>
    Late,

    /// <summary>
    /// The store denies once that there is such a file, as a proxy in between may: a listing is empty then. A save or a
    /// deletion fails like <see cref="Error"/>.
    /// </summary>
    NotFound,

    /// <summary>
    /// The process dies: neither this operation nor any later one reaches the store. See
    /// <see cref="FaultyBackend.DieWriting"/>.
    /// </summary>
    Killed,
}

/// <summary>The operations that <see cref="FaultyBackend"/> counts.</summary>
public enum StorageOperation
{
    /// <summary><see cref="IBackend.PrepareAsync"/>.</summary>
    Prepare,

    /// <summary><see cref="IBackend.SaveAsync"/>.</summary>
    Save,

    /// <summary><see cref="IBackend.ReadAsync"/> and <see cref="IBackend.ReadAllAsync"/>.</summary>
    Read,

    /// <summary><see cref="IBackend.ListAsync"/>, counted once for each enumeration.</summary>
    List,

    /// <summary><see cref="IBackend.SizeAsync"/>.</summary>
    Size,

    /// <summary><see cref="IBackend.DeleteAsync"/>.</summary>
    Delete,

    /// <summary><see cref="IBackend.RemoveLeftoversAsync"/>.</summary>
    RemoveLeftovers,
}

/// <summary>Makes planned operations fail, and remembers every operation in order.</summary>
public sealed class FaultyBackend(IBackend inner) : DelegatingBackend(inner)
{
    private readonly ConcurrentQueue<(StorageOperation, FileHandle?)> _log = new();
    private int _count;
    private volatile bool _isDead;

    /// <summary>
    /// Decides for each operation: its number from 1 on, what it is, and its file. Null lets it pass.
    /// </summary>
    public Func<int, StorageOperation, FileHandle?, Fault?> Plan { get; set; } = (_, _, _) => null;

    /// <summary>
    /// What a process that dies in a save leaves in the store, if anything: half a temporary file, for example.
    /// </summary>
    public Func<FileHandle, Stream, Task> DieWriting { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Every operation so far, failed ones included.</summary>
    public IReadOnlyList<(StorageOperation Operation, FileHandle? Handle)> Log => [.. _log];

    /// <summary>Fails the n-th operation of any sort, counted from now.</summary>
    public FaultyBackend FailOperation(int number, Fault fault)
    {
        var target = Volatile.Read(ref _count) + number;
        var before = Plan;
        Plan = (count, operation, handle) => count == target ? fault : before(count, operation, handle);
        return this;
    }

    /// <summary>Fails the n-th operation of one sort, counted from now.</summary>
    public FaultyBackend Fail(StorageOperation what, int number, Fault fault)
    {
        var left = number;
        var before = Plan;
        Plan = (count, operation, handle) =>
            operation == what && Interlocked.Decrement(ref left) == 0 ? fault : before(count, operation, handle);
        return this;
    }

    /// <inheritdoc/>
    public override Task PrepareAsync(CancellationToken cancellationToken) =>
        RunAsync(StorageOperation.Prepare, null, () => Inner.PrepareAsync(cancellationToken));

    /// <inheritdoc/>
    public override Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            StorageOperation.Save,
            handle,
            () => Inner.SaveAsync(handle, content, mode, cancellationToken),
            () => DieWriting(handle, content)
        );

    /// <inheritdoc/>
    public override Task ReadAsync(
        FileHandle handle,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    ) => RunAsync(StorageOperation.Read, handle, () => Inner.ReadAsync(handle, offset, destination, cancellationToken));

    /// <inheritdoc/>
    public override async Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var content = Array.Empty<byte>();
        var isCut = false;
        await RunAsync(StorageOperation.Read, handle, ReadAsync, onShortRead: () =>
        {
            isCut = true;
            return ReadAsync();
        });
        return isCut ? content[..(content.Length / 2)] : content;

        async Task ReadAsync() => content = await Inner.ReadAllAsync(handle, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        long? size = null;
        await RunAsync(StorageOperation.Size, handle, async () =>
            size = await Inner.SizeAsync(handle, cancellationToken)
        );
        return size;
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken) =>
        RunAsync(StorageOperation.Delete, handle, () => Inner.DeleteAsync(handle, cancellationToken));

    /// <inheritdoc/>
    public override async Task<int> RemoveLeftoversAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        await RunAsync(StorageOperation.RemoveLeftovers, null, async () =>
            removed = await Inner.RemoveLeftoversAsync(cancellationToken)
        );
        return removed;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<FileEntry> ListAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var fault = Next(StorageOperation.List, null);
        if (fault == Fault.NotFound)
        {
            yield break;
        }

        if (fault is { } early && early != Fault.Late)
        {
            throw Failure(early, null);
        }

        var all = new List<FileEntry>();
        await foreach (var entry in Inner.ListAsync(kind, cancellationToken))
        {
            all.Add(entry);
        }

        var delivered = fault is null ? all.Count : (all.Count + 1) / 2;
        foreach (var entry in all.Take(delivered))
        {
            yield return entry;
        }

        if (fault is { } late)
        {
            throw Failure(late, null);
        }
    }

    private async Task RunAsync(
        StorageOperation operation,
        FileHandle? handle,
        Func<Task> body,
        Func<Task>? onDeath = null,
        Func<Task>? onShortRead = null
    )
    {
        var wasDead = _isDead;
        switch (Next(operation, handle))
        {
            case null:
                await body();
                return;
            case Fault.Late:
            case Fault.TimeOut when Volatile.Read(ref _count) % 2 == 0:
                await body();
                throw Failure(Fault.Late, handle);
            case Fault.NotFound when operation == StorageOperation.Size:
                return;
            case Fault.NotFound when operation != StorageOperation.Read:
                throw Failure(Fault.Error, handle);
            case Fault.Killed when !wasDead && onDeath is not null:
                await onDeath();
                throw Failure(Fault.Killed, handle);
            case Fault.ShortRead when onShortRead is not null:
                await onShortRead();
                return;
            case Fault.ShortRead when operation != StorageOperation.Read:
                throw Failure(Fault.Error, handle);
            case { } other:
                throw Failure(other, handle);
        }
    }

    private Fault? Next(StorageOperation operation, FileHandle? handle)
    {
        _log.Enqueue((operation, handle));
        var fault = _isDead ? Fault.Killed : Plan(Interlocked.Increment(ref _count), operation, handle);
        _isDead |= fault == Fault.Killed;
        return fault;
    }

    private StorageException Failure(Fault fault, FileHandle? handle) =>
        fault switch
        {
            Fault.Error => new(StorageError.Transient, Location, handle, "planned fault: the connection was reset"),
            Fault.TimeOut or Fault.Late => new(
                StorageError.Transient,
                Location,
                handle,
                "planned fault: no progress",
                new TimeoutException()
            ),
            Fault.Denied => new(StorageError.AccessDenied, Location, handle, "planned fault: not allowed"),
            Fault.Full => new(StorageError.Full, Location, handle, "planned fault: no space left"),
            Fault.NotFound => new(StorageError.NotFound, Location, handle, "planned fault: there is no such file"),
            Fault.Killed => new(StorageError.Transient, Location, handle, "planned fault: the process is dead"),
            Fault.ShortRead => new(StorageError.Truncated, Location, handle, "planned fault: the file ends early"),
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "Unknown fault."),
        };
}
