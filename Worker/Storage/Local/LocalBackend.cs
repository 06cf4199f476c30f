using System.Runtime.CompilerServices;
using Granary.Storage.Layouts;

namespace Granary.Storage.Local;

/// <summary>A repository on a mounted disk.</summary>
/// <remarks>
/// A file is written as <c>&lt;name&gt;-tmp-&lt;random&gt;</c> next to its place, flushed, made read-only, renamed
/// without replacing, and its directory is flushed. A crash leaves at most a temporary file, which no listing shows and
/// <see cref="RemoveLeftoversAsync"/> removes. Source: repository format, "Backend contracts".
/// </remarks>
public sealed class LocalBackend : IBackend
{
    // Many times as long as writing the few hundred bytes of a lock takes.
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);

    private readonly string _root;
    private readonly TimeProvider _time;
    private readonly LocalFolders _folders;
    private LocalModes? _modes;

    private LocalBackend(LocalOptions options, TimeProvider time)
    {
        _time = time;
        _root = Path.GetFullPath(options.Path);
        _folders = new LocalFolders(_root, () => Modes.Directory);
        Connections = options.Connections;
    }

    /// <inheritdoc/>
    public string Location => $"local:{_root}";

    /// <inheritdoc/>
    public int Connections { get; }

    /// <inheritdoc/>
    /// <remarks>Directories of locks are short enough to be read in one call, which no rename can interrupt.</remarks>
    public bool ListsAtOnce => true;

    private LocalModes Modes => _modes ??= LocalModes.For(PathOf(FileHandle.Config));

    /// <summary>Makes the backend; touches nothing on disk.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="time">Tells the age of leftovers.</param>
    public static LocalBackend Create(LocalOptions options, TimeProvider time) => new(options, time);

    /// <inheritdoc/>
    public Task PrepareAsync(CancellationToken cancellationToken) =>
        RunAsync(
            null,
            () =>
            {
                // Where the root lies is not ours, and perhaps not to be read; a repository that loses its root in a
                // power cut was just being made.
                _folders.Create(_root);
                _folders.CreateIn(_root, Layout.Folders.Select(Layout.FolderOf), cancellationToken);
                _folders.CreateIn(
                    Path.Join(_root, Layout.FolderOf(FileKind.Pack)),
                    Enumerable.Range(0, 256).Select(first => first.ToString("x2")),
                    cancellationToken
                );
                return Task.CompletedTask;
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task SaveAsync(FileHandle handle, Stream content, SaveMode mode, CancellationToken cancellationToken)
    {
        var path = PathOf(handle);
        return RunAsync(
            handle,
            async () =>
            {
                if (mode == SaveMode.CreateOnly && File.Exists(path))
                {
                    throw Taken(handle);
                }

                _folders.EnsureFor(path);
                var temporary = $"{path}-tmp-{Guid.NewGuid():N}";
                try
                {
                    await LocalFile.WriteAsync(temporary, content, Modes, cancellationToken);
                    if (mode == SaveMode.Replace)
                    {
                        File.Move(temporary, path, overwrite: true);
                    }
                    else if (!PosixFiles.TryRename(temporary, path))
                    {
                        throw Taken(handle);
                    }
                }
                catch
                {
                    LocalFile.DeleteQuietly(temporary);
                    throw;
                }

                PosixFiles.FlushDirectory(Path.GetDirectoryName(path)!); // a file's path has a directory
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task ReadAsync(FileHandle handle, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var path = PathOf(handle);
        return RunAsync(
            handle,
            async () =>
            {
                using var file = File.OpenHandle(path, options: FileOptions.Asynchronous);
                await LocalFile.ReadAsync(file, offset, destination, cancellationToken);
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var path = PathOf(handle);
        return RunAsync(
            handle,
            async () =>
            {
                using var file = File.OpenHandle(path, options: FileOptions.Asynchronous | FileOptions.SequentialScan);
                var content = new byte[RandomAccess.GetLength(file)];
                await LocalFile.ReadAsync(file, 0, content, cancellationToken);
                return content;
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<FileEntry> ListAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var folder = new DirectoryInfo(Path.Join(_root, Layout.FolderOf(kind)));
        DirectoryInfo[] folders = [folder];
        if (kind == FileKind.Pack)
        {
            folders =
            [
                .. await RunAsync(null, () => Task.FromResult(Entries<DirectoryInfo>(folder)), cancellationToken),
            ];
        }

        foreach (var directory in folders)
        {
            foreach (
                var file in await RunAsync(null, () => Task.FromResult(Entries<FileInfo>(directory)), cancellationToken)
            )
            {
                if (
                    Layout.IsFileName(file.Name)
                    && PathOf(new FileHandle(kind, file.Name)) == file.FullName
                    && LocalFile.SizeOf(file) is { } size
                )
                {
                    yield return new FileEntry(file.Name, size);
                }
            }
        }
    }

    /// <inheritdoc/>
    public Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var path = PathOf(handle);
        return RunAsync(handle, () => Task.FromResult(LocalFile.SizeOf(new FileInfo(path))), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var path = PathOf(handle);
        return RunAsync(
            handle,
            () =>
            {
                _folders.RequireRoot();
                try
                {
                    // Whether it was there is not asked first: a disk that fails or forbids the question answers it
                    // with no.
                    File.Delete(path);
                }
                catch (DirectoryNotFoundException)
                {
                    return Task.CompletedTask;
                }

                // Packs are deleted by the thousand, and one that a power cut brings back is in no index and harmless:
                // the next prune takes it. An index that comes back while its packs stay deleted would make the
                // repository look damaged, so the few other files are worth a flush.
                if (handle.Kind != FileKind.Pack && Path.GetDirectoryName(path) is { } folder)
                {
                    PosixFiles.FlushDirectory(folder);
                }

                return Task.CompletedTask;
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A temporary file of a lock has to be an hour old. A program that asks for a lock writes it beside any other
    /// lock, and may be writing it just now.
    /// </remarks>
    public Task<int> RemoveLeftoversAsync(CancellationToken cancellationToken)
    {
        var locks = Path.TrimEndingDirectorySeparator(Path.Join(_root, Layout.FolderOf(FileKind.Lock)));
        var everything = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = 2,
            AttributesToSkip = FileAttributes.ReparsePoint,
        };
        return RunAsync(
            null,
            () =>
            {
                var removed = 0;
                foreach (var file in new DirectoryInfo(_root).EnumerateFiles("*-tmp-*", everything))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (
                        file.Name.Split("-tmp-") is [var name, { Length: 32 }]
                        && (name == "config" || Layout.IsFileName(name))
                        && (
                            file.DirectoryName != locks
                            || _time.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc > AbandonedAfter
                        )
                    )
                    {
                        file.Delete();
                        removed++;
                    }
                }

                return Task.FromResult(removed);
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Materialised, so that a directory that vanishes or cannot be read fails here and not inside the consumer's loop.
    private static List<T> Entries<T>(DirectoryInfo directory)
        where T : FileSystemInfo
    {
        try
        {
            return [.. directory.EnumerateFileSystemInfos().OfType<T>()];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private string PathOf(FileHandle handle) => Path.Join(_root, Layout.Default.PathOf(handle));

    private StorageException Taken(FileHandle handle) =>
        new(StorageError.AlreadyExists, Location, handle, "the file exists");

    private async Task RunAsync(FileHandle? handle, Func<Task> body, CancellationToken cancellationToken) =>
        await RunAsync(handle, Resultless.Of(body), cancellationToken);

    private async Task<T> RunAsync<T>(FileHandle? handle, Func<Task<T>> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await body();
        }
        catch (Exception e) when (LocalErrors.IsFileError(e))
        {
            throw new StorageException(LocalErrors.Classify(e), Location, handle, e.Message, e);
        }
    }
}
