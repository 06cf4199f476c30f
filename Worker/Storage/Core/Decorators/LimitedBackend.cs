using System.Runtime.CompilerServices;

namespace Granary.Storage.Decorators;

/// <summary>Runs at most <see cref="IBackend.Connections"/> operations at once; the others wait their turn.</summary>
/// <remarks>
/// Operations on lock files do not wait. A refresh that queues behind uploads could come after its lock has gone stale,
/// and another program would then delete data that this one is writing.
/// </remarks>
public sealed class LimitedBackend : DelegatingBackend
{
    private readonly SemaphoreSlim _free;

    /// <summary>Limits a backend to a number of connections, or to the number that it asks for itself.</summary>
    public LimitedBackend(IBackend inner, int? connections = null)
        : base(inner)
    {
        Connections = connections ?? inner.Connections;
        ArgumentOutOfRangeException.ThrowIfLessThan(Connections, 1, nameof(connections));
        _free = new SemaphoreSlim(Connections);
    }

    /// <inheritdoc/>
    public override int Connections { get; }

    /// <inheritdoc/>
    public override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(FileKind.Config, cancellationToken);
        await Inner.PrepareAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    )
    {
        using var turn = await EnterAsync(handle.Kind, cancellationToken);
        await Inner.SaveAsync(handle, content, mode, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task ReadAsync(
        FileHandle handle,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        using var turn = await EnterAsync(handle.Kind, cancellationToken);
        await Inner.ReadAsync(handle, offset, destination, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(handle.Kind, cancellationToken);
        return await Inner.ReadAllAsync(handle, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Holds a connection only while it fetches, so the consumer may use this backend between two entries.
    /// </remarks>
    public override async IAsyncEnumerable<FileEntry> ListAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var entries = Inner.ListAsync(kind, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync())
        {
            yield return entries.Current;
        }

        async ValueTask<bool> NextAsync()
        {
            using var turn = await EnterAsync(kind, cancellationToken);
            return await entries.MoveNextAsync();
        }
    }

    /// <inheritdoc/>
    public override async Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(handle.Kind, cancellationToken);
        return await Inner.SizeAsync(handle, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(handle.Kind, cancellationToken);
        await Inner.DeleteAsync(handle, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<int> RemoveLeftoversAsync(CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(FileKind.Config, cancellationToken);
        return await Inner.RemoveLeftoversAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _free.Dispose();
    }

    private async ValueTask<Turn> EnterAsync(FileKind kind, CancellationToken cancellationToken)
    {
        if (kind == FileKind.Lock)
        {
            return default;
        }

        await _free.WaitAsync(cancellationToken);
        return new Turn(_free);
    }

    private readonly struct Turn(SemaphoreSlim? free) : IDisposable
    {
        public void Dispose() => free?.Release();
    }
}
