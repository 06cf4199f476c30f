using System.Text.Json;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.Engine.Records;
using Granary.Storage;
using Microsoft.Extensions.Logging;

namespace Granary.Engine.Repositories.Files;

/// <summary>
/// Loads and saves index, snapshot and lock files: sealed documents named by the hash of their stored bytes.
/// </summary>
/// <remarks>Source: repository format §1, §5.</remarks>
internal sealed class UnpackedFiles(Sealer sealer, int version, ILogger logger)
{
    /// <summary>Reads a document.</summary>
    /// <param name="backend">The store.</param>
    /// <param name="kind">Index, snapshot or lock.</param>
    /// <param name="name">The file.</param>
    /// <param name="parse">Reads the JSON text; an exception about the text means damage.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DamagedFileException">
    /// Its bytes have another hash, its seal is broken, or it is not the document it should be.
    /// </exception>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public async Task<T> LoadAsync<T>(
        IBackend backend,
        FileKind kind,
        Sha256Id name,
        Func<Stream, T> parse,
        CancellationToken cancellationToken
    )
    {
        var handle = new FileHandle(kind, name.ToString());
        var stored = await ReadVerifiedAsync(backend, handle, name, logger, cancellationToken);
        return Parse(handle.ToString(), stored, parse);
    }

    /// <summary>Reads a document whose reader keeps its findings.</summary>
    /// <inheritdoc cref="LoadAsync{T}"/>
    public Task LoadAsync(
        IBackend backend,
        FileKind kind,
        Sha256Id name,
        Action<Stream> read,
        CancellationToken cancellationToken
    ) =>
        LoadAsync(
            backend,
            kind,
            name,
            json =>
            {
                read(json);
                return true; // A result that nobody looks at.
            },
            cancellationToken
        );

    /// <summary>Opens and parses the stored bytes of a document.</summary>
    public T Parse<T>(string file, byte[] stored, Func<Stream, T> parse)
    {
        // In place: the stored bytes are not needed again.
        if (
            stored.Length < Sealer.Overhead
            || !sealer.TryOpen(stored, stored.AsSpan(Sealer.IvSize, stored.Length - Sealer.Overhead))
        )
        {
            throw new DamagedFileException(file, "its seal is broken");
        }

        try
        {
            using var json = UnpackedFormat.Decode(version, stored, Sealer.IvSize, stored.Length - Sealer.Overhead);
            return parse(json);
        }
        catch (Exception e) when (IsAboutContent(e))
        {
            throw new DamagedFileException(file, e.Message, e);
        }
    }

    /// <summary>Seals and stores a document, after opening it again to be sure of it.</summary>
    public async Task<Sha256Id> SaveAsync(
        IBackend backend,
        FileKind kind,
        byte[] document,
        CancellationToken cancellationToken
    )
    {
        var (name, stored) = Seal(kind, document);
        await SaveContentAsync(
            backend,
            new FileHandle(kind, name.ToString()),
            new MemoryStream(stored, writable: false),
            cancellationToken
        );
        return name;
    }

    /// <summary>
    /// The bytes of a document as they are to be stored, opened again to be sure of them, and the name that they give
    /// it.
    /// </summary>
    public (Sha256Id Name, byte[] Stored) Seal(FileKind kind, byte[] document)
    {
        var stored = UnpackedFormat.Encode(version, document, Sealer.IvSize, Sealer.MacSize);
        sealer.SealInPlace(stored);
        var isSame = Parse($"{kind} (new)", [.. stored], json =>
            new BinaryReader(json).ReadBytes(document.Length + 1).AsSpan().SequenceEqual(document)
        );
        return isSame
            ? (Sha256Id.Of(stored), stored)
            : throw new DamagedFileException(
                $"{kind} (new)",
                "it did not survive sealing and opening; this machine's memory may be faulty"
            );
    }

    /// <summary>
    /// Stores a file that is named by its content. One that is there already, as long as ours, is ours: a retry after a
    /// lost reply.
    /// </summary>
    public static async Task SaveContentAsync(
        IBackend backend,
        FileHandle handle,
        Stream content,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await backend.SaveAsync(handle, content, SaveMode.CreateOnly, cancellationToken);
        }
        catch (StorageException e) when (e.Error == StorageError.AlreadyExists)
        {
            if (await backend.SizeAsync(handle, cancellationToken) != content.Length)
            {
                throw;
            }
        }
    }

    /// <summary>
    /// Reads a file and compares its hash with its name; a mismatch is read once more, as it may have happened on the
    /// way.
    /// </summary>
    public static async Task<byte[]> ReadVerifiedAsync(
        IBackend backend,
        FileHandle handle,
        Sha256Id name,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        var stored = await backend.ReadAllAsync(handle, cancellationToken);
        if (Sha256Id.Of(stored) == name)
        {
            return stored;
        }

        logger.ReadAgain(handle.ToString());
        stored = await backend.ReadAllAsync(handle, cancellationToken);
        return Sha256Id.Of(stored) == name
            ? stored
            : throw new DamagedFileException(handle.ToString(), "its content does not have the hash that is its name");
    }

    /// <summary>Whether an exception of the parsers says that the text is wrong.</summary>
    public static bool IsAboutContent(Exception exception) =>
        exception
            is JsonException
                or FormatException
                or InvalidOperationException
                or OverflowException
                or InvalidDataException
                or EndOfStreamException
                or ZstdSharp.ZstdException;
}
