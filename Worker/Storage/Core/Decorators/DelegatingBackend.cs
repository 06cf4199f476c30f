namespace Granary.Storage.Decorators;

/// <summary>Passes every operation on unchanged; decorators override the operations they are about.</summary>
/// <remarks>
/// The order in which a program composes them, from the outside in:
/// <c>Retrying(ReadOnly?(Limited(Throttled?(Metered(provider)))))</c>.
/// Retrying is outermost, so that a wait between tries holds no connection; Metered is innermost, so that it counts
/// every try.
/// </remarks>
public abstract class DelegatingBackend(IBackend inner) : IBackend
{
    /// <summary>The backend that does the work. Disposed with this one.</summary>
    protected IBackend Inner { get; } = inner;

    /// <inheritdoc/>
    public string Location => Inner.Location;

    /// <inheritdoc/>
    public virtual int Connections => Inner.Connections;

    /// <inheritdoc/>
    public virtual bool ListsAtOnce => Inner.ListsAtOnce;

    /// <inheritdoc/>
    public virtual Task PrepareAsync(CancellationToken cancellationToken) => Inner.PrepareAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    ) => Inner.SaveAsync(handle, content, mode, cancellationToken);

    /// <inheritdoc/>
    public virtual Task ReadAsync(
        FileHandle handle,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    ) => Inner.ReadAsync(handle, offset, destination, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken) =>
        Inner.ReadAllAsync(handle, cancellationToken);

    /// <inheritdoc/>
    public virtual IAsyncEnumerable<FileEntry> ListAsync(FileKind kind, CancellationToken cancellationToken) =>
        Inner.ListAsync(kind, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken) =>
        Inner.SizeAsync(handle, cancellationToken);

    /// <inheritdoc/>
    public virtual Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken) =>
        Inner.DeleteAsync(handle, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<int> RemoveLeftoversAsync(CancellationToken cancellationToken) =>
        Inner.RemoveLeftoversAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        await Inner.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
