using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.Storage;
using Microsoft.Extensions.Logging;

namespace Granary.Engine.Repositories.Files;

/// <summary>The files of an opened repository: where they are, how they are sealed, which there are.</summary>
/// <remarks>Lock, snapshot and index files stand on it, and everything that reads or writes packs.</remarks>
internal sealed class StoredFiles(IBackend backend, Sealer sealer, int version, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan TakeBackTimeout = TimeSpan.FromMinutes(1);

    public IBackend Backend => backend;

    public Sealer Sealer => sealer;

    /// <summary>Format version, 1 or 2.</summary>
    public int Version => version;

    public TimeProvider Time => time;

    public ILogger Logger => logger;

    /// <summary>Index, snapshot and lock files: sealed, named by their hash.</summary>
    public UnpackedFiles Documents { get; } = new(sealer, version, logger);

    /// <summary>Reads a document from the repository's own store.</summary>
    /// <inheritdoc cref="UnpackedFiles.LoadAsync{T}"/>
    public Task<T> LoadAsync<T>(
        FileKind kind,
        Sha256Id name,
        Func<Stream, T> parse,
        CancellationToken cancellationToken
    ) => Documents.LoadAsync(backend, kind, name, parse, cancellationToken);

    /// <summary>Reads a document whose reader keeps its findings.</summary>
    /// <inheritdoc cref="UnpackedFiles.LoadAsync{T}"/>
    public Task LoadAsync(FileKind kind, Sha256Id name, Action<Stream> read, CancellationToken cancellationToken) =>
        Documents.LoadAsync(backend, kind, name, read, cancellationToken);

    /// <summary>The names of all files of a kind.</summary>
    public async Task<List<Sha256Id>> NamesAsync(FileKind kind, CancellationToken cancellationToken)
    {
        var names = new List<Sha256Id>();
        await foreach (var file in backend.ListAsync(kind, cancellationToken))
        {
            if (Sha256Id.TryParse(file.Name, out var name))
            {
                names.Add(name);
            }
        }

        return names;
    }

    /// <summary>The packs that are in the store now, with their sizes in bytes.</summary>
    public async Task<Dictionary<PackId, long>> PacksAsync(CancellationToken cancellationToken)
    {
        var packs = new Dictionary<PackId, long>();
        await foreach (var file in backend.ListAsync(FileKind.Pack, cancellationToken))
        {
            if (Sha256Id.TryParse(file.Name, out var name))
            {
                packs[new PackId(name)] = file.Size;
            }
        }

        return packs;
    }

    /// <summary>
    /// Deletes a file of ours that must not stay. Runs even if the caller was cancelled, for a minute at most.
    /// </summary>
    /// <returns>Why it may still be there; null if it is gone.</returns>
    public async Task<Exception?> TryTakeBackAsync(FileHandle file)
    {
        try
        {
            using var timeout = new CancellationTokenSource(TakeBackTimeout, time);
            await backend.DeleteAsync(file, timeout.Token);
            return null;
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException)
        {
            return e;
        }
    }

    /// <summary>As many at once as the store takes connections.</summary>
    public ParallelOptions Parallelism(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = Math.Max(1, backend.Connections), CancellationToken = cancellationToken };
}
