namespace Granary.Storage.Decorators;

/// <summary>Refuses everything that would change the store, with <see cref="StorageError.AccessDenied"/>.</summary>
public sealed class ReadOnlyBackend(IBackend inner) : DelegatingBackend(inner)
{
    /// <inheritdoc/>
    public override Task PrepareAsync(CancellationToken cancellationToken) => Refuse("prepared", null);

    /// <inheritdoc/>
    public override Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    ) => Refuse("written", handle);

    /// <inheritdoc/>
    public override Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken) =>
        Refuse("deleted", handle);

    /// <inheritdoc/>
    public override Task<int> RemoveLeftoversAsync(CancellationToken cancellationToken) =>
        Task.FromException<int>(Refusal("cleaned", null));

    private Task Refuse(string what, FileHandle? handle) => Task.FromException(Refusal(what, handle));

    private StorageException Refusal(string what, FileHandle? handle) =>
        new(StorageError.AccessDenied, Location, handle, $"not {what}, because the storage was opened read-only");
}
