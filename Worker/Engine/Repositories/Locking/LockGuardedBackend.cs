using Granary.Storage;

namespace Granary.Engine.Repositories.Locking;

/// <summary>A store on which nothing is written or deleted unless a lock is fresh. Does not own the store.</summary>
internal sealed class LockGuardedBackend(IBackend backend, RepositoryLock heldLock) : IBackend
{
    public string Location => backend.Location;

    public int Connections => backend.Connections;

    public bool ListsAtOnce => backend.ListsAtOnce;

    public Task PrepareAsync(CancellationToken cancellationToken) => backend.PrepareAsync(cancellationToken);

    public async Task SaveAsync(FileHandle handle, Stream content, SaveMode mode, CancellationToken cancellationToken)
    {
        await heldLock.EnsureFreshAsync(cancellationToken);
        await backend.SaveAsync(handle, content, mode, cancellationToken);
    }

    public Task ReadAsync(
        FileHandle handle,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    ) => backend.ReadAsync(handle, offset, destination, cancellationToken);

    public Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken) =>
        backend.ReadAllAsync(handle, cancellationToken);

    public IAsyncEnumerable<FileEntry> ListAsync(FileKind kind, CancellationToken cancellationToken) =>
        backend.ListAsync(kind, cancellationToken);

    public Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken) =>
        backend.SizeAsync(handle, cancellationToken);

    public async Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        await heldLock.EnsureFreshAsync(cancellationToken);
        await backend.DeleteAsync(handle, cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
