namespace Granary.Storage;

/// <summary>An object store reduced to the needs of the repository format.</summary>
/// <remarks>
/// Implementations are safe for concurrent use. Every failure is a <see cref="StorageException"/>, except cancellation.
/// Implementations do not retry: <c>RetryingBackend</c> is the one layer that does, so every operation can be repeated.
/// </remarks>
public interface IBackend : IAsyncDisposable
{
    /// <summary>
    /// Where the files live, for messages: <c>s3:https://host/bucket/prefix</c>. Never holds a credential.
    /// </summary>
    string Location { get; }

    /// <summary>How many operations this backend should be asked to run at once.</summary>
    int Connections { get; }

    /// <summary>Whether a listing that begins after any program's save has returned shows the file.</summary>
    /// <remarks>False where not everything that speaks the protocol promises it.</remarks>
    bool ListsAtOnce => false;

    /// <summary>Creates the container or the directories that files need. Does nothing where they exist.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Stores a whole file; it appears complete or not at all, and is durable on return.</summary>
    /// <param name="handle">The file's kind and name.</param>
    /// <param name="content">
    /// Seekable, of known length, read from its start; may be read more than once. Not disposed.
    /// </param>
    /// <param name="mode">Whether an existing file is an error or is replaced.</param>
    /// <param name="cancellationToken">Stops the upload; nothing appears under the name then.</param>
    /// <exception cref="StorageException">
    /// <see cref="StorageError.AlreadyExists"/>: the name is taken (create-only).
    /// </exception>
    Task SaveAsync(FileHandle handle, Stream content, SaveMode mode, CancellationToken cancellationToken);

    /// <summary>Reads <paramref name="destination"/>'s length of bytes from <paramref name="offset"/>.</summary>
    /// <exception cref="StorageException">
    /// <see cref="StorageError.NotFound"/>; <see cref="StorageError.Truncated"/> when the file ends before the range
    /// does (permanent). </exception>
    Task ReadAsync(FileHandle handle, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>
    /// Reads a whole file into a new array. For small files (config, keys, indexes, snapshots, locks).
    /// </summary>
    /// <exception cref="StorageException"><see cref="StorageError.NotFound"/>: there is no such file.</exception>
    Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken);

    /// <summary>
    /// Lists all files of a kind, in no order. Names that are not 64 hexadecimal digits are left out.
    /// </summary>
    /// <remarks>A missing container or directory lists as empty. Not for <see cref="FileKind.Config"/>.</remarks>
    IAsyncEnumerable<FileEntry> ListAsync(FileKind kind, CancellationToken cancellationToken);

    /// <summary>The stored size in bytes, or null where there is no such file.</summary>
    Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken);

    /// <summary>Deletes a file. A file that is already gone counts as deleted.</summary>
    Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the remains of interrupted saves (temporary files, unfinished uploads) and returns their number.
    /// </summary>
    /// <remarks>
    /// Call it only under an exclusive lock: a save that is still running elsewhere looks like one that died. Locks
    /// themselves are saved under no lock, so that theirs are to be left alone while they may be running. Stores in
    /// which nothing can be left behind keep this default.
    /// </remarks>
    Task<int> RemoveLeftoversAsync(CancellationToken cancellationToken) => Task.FromResult(0);
}

/// <summary>How <see cref="IBackend.SaveAsync"/> treats a name that is taken.</summary>
public enum SaveMode
{
    /// <summary>Fail with <see cref="StorageError.AlreadyExists"/>.</summary>
    CreateOnly,

    /// <summary>Replace the file atomically. Only the format upgrade replaces a file (its config).</summary>
    Replace,
}
