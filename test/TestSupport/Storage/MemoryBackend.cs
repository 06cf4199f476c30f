using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Granary.Storage;
using Granary.Storage.Layouts;

namespace Granary.TestSupport;

/// <summary>A backend in memory that keeps the whole contract. The default storage of tests.</summary>
public sealed class MemoryBackend : IBackend
{
    private readonly ConcurrentDictionary<FileHandle, byte[]> _files = new();

    /// <inheritdoc/>
    public string Location { get; init; } = "memory:";

    /// <inheritdoc/>
    public int Connections { get; init; } = 2;

    /// <summary>Everything that is stored now; tests may look, damage and add.</summary>
    public IDictionary<FileHandle, byte[]> Files => _files;

    /// <inheritdoc/>
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task SaveAsync(FileHandle handle, Stream content, SaveMode mode, CancellationToken cancellationToken)
    {
        Check(handle, cancellationToken);
        var bytes = new byte[content.Length];
        content.Position = 0;
        await content.ReadExactlyAsync(bytes, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (mode == SaveMode.Replace)
        {
            _files[handle] = bytes;
        }
        else if (!_files.TryAdd(handle, bytes))
        {
            throw Failure(StorageError.AlreadyExists, handle, "the file exists");
        }
    }

    /// <inheritdoc/>
    public async Task ReadAsync(
        FileHandle handle,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        var content = await Find(handle, cancellationToken);
        if (offset + destination.Length > content.Length)
        {
            throw Failure(
                StorageError.Truncated,
                handle,
                $"{content.Length} bytes, wanted {offset}+{destination.Length}"
            );
        }

        content.AsMemory((int)offset, destination.Length).CopyTo(destination);
    }

    /// <inheritdoc/>
    public async Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken) =>
        [.. await Find(handle, cancellationToken)];

    /// <inheritdoc/>
    public async IAsyncEnumerable<FileEntry> ListAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        _ = Layout.FolderOf(kind);
        foreach (var (handle, content) in _files)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            if (handle.Kind == kind)
            {
                yield return new FileEntry(handle.Name, content.Length);
            }
        }
    }

    /// <inheritdoc/>
    public Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        Check(handle, cancellationToken);
        return Task.FromResult<long?>(_files.TryGetValue(handle, out var content) ? content.Length : null);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        Check(handle, cancellationToken);
        _files.TryRemove(handle, out _);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void Check(FileHandle handle, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = Layout.Default.PathOf(handle);
    }

    private Task<byte[]> Find(FileHandle handle, CancellationToken cancellationToken)
    {
        Check(handle, cancellationToken);
        return _files.TryGetValue(handle, out var content)
            ? Task.FromResult(content)
            : throw Failure(StorageError.NotFound, handle, "there is no such file");
    }

    private StorageException Failure(StorageError error, FileHandle handle, string message) =>
        new(error, Location, handle, message);
}
