using System.Runtime.CompilerServices;

namespace Granary.Storage.Decorators;

/// <summary>Counts operations, failures, and bytes in both directions.</summary>
/// <remarks>Innermost among the decorators, so a retried operation counts once for each try.</remarks>
public sealed class MeteredBackend(IBackend inner) : DelegatingBackend(inner)
{
    private long _saves,
        _reads,
        _lists,
        _sizes,
        _deletes,
        _failures,
        _bytesSaved,
        _bytesRead;

    /// <summary>
    /// The counts so far. Each number is exact; together they are not one instant while operations run.
    /// </summary>
    public BackendUsage Usage =>
        new()
        {
            Saves = Interlocked.Read(ref _saves),
            Reads = Interlocked.Read(ref _reads),
            Lists = Interlocked.Read(ref _lists),
            Sizes = Interlocked.Read(ref _sizes),
            Deletes = Interlocked.Read(ref _deletes),
            Failures = Interlocked.Read(ref _failures),
            BytesSaved = Interlocked.Read(ref _bytesSaved),
            BytesRead = Interlocked.Read(ref _bytesRead),
        };

    /// <inheritdoc/>
    public override async Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    )
    {
        Interlocked.Increment(ref _saves);
        await CountFailures(Inner.SaveAsync(handle, content, mode, cancellationToken));
        Interlocked.Add(ref _bytesSaved, content.Length);
    }

    /// <inheritdoc/>
    public override async Task ReadAsync(
        FileHandle handle,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        Interlocked.Increment(ref _reads);
        await CountFailures(Inner.ReadAsync(handle, offset, destination, cancellationToken));
        Interlocked.Add(ref _bytesRead, destination.Length);
    }

    /// <inheritdoc/>
    public override async Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        var read = Inner.ReadAllAsync(handle, cancellationToken);
        await CountFailures(read);
        var content = await read;
        Interlocked.Add(ref _bytesRead, content.Length);
        return content;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<FileEntry> ListAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        Interlocked.Increment(ref _lists);
        await using var entries = Inner.ListAsync(kind, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync())
        {
            yield return entries.Current;
        }

        async ValueTask<bool> NextAsync()
        {
            var next = entries.MoveNextAsync().AsTask();
            await CountFailures(next);
            return await next;
        }
    }

    /// <inheritdoc/>
    public override async Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _sizes);
        var size = Inner.SizeAsync(handle, cancellationToken);
        await CountFailures(size);
        return await size;
    }

    /// <inheritdoc/>
    public override async Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _deletes);
        await CountFailures(Inner.DeleteAsync(handle, cancellationToken));
    }

    private async Task CountFailures(Task operation)
    {
        try
        {
            await operation;
        }
        catch (StorageException)
        {
            Interlocked.Increment(ref _failures);
            throw;
        }
    }
}

/// <summary>The counts of a <see cref="MeteredBackend"/>. Bytes are those of operations that succeeded.</summary>
public sealed record BackendUsage
{
    /// <summary>Files written, or tried.</summary>
    public required long Saves { get; init; }

    /// <summary>Whole and ranged reads.</summary>
    public required long Reads { get; init; }

    /// <summary>Listings begun.</summary>
    public required long Lists { get; init; }

    /// <summary>Questions for a file's size.</summary>
    public required long Sizes { get; init; }

    /// <summary>Deletions.</summary>
    public required long Deletes { get; init; }

    /// <summary>
    /// Operations that ended in a <see cref="StorageException"/>, expected ones (no such file) included.
    /// </summary>
    public required long Failures { get; init; }

    /// <summary>Bytes stored.</summary>
    public required long BytesSaved { get; init; }

    /// <summary>Bytes read.</summary>
    public required long BytesRead { get; init; }
}
