using System.Security.Cryptography;
using Granary.TestSupport;

namespace Granary.Storage.Contract;

/// <summary>Content with the handle that the format gives it: its own SHA-256, which some servers check.</summary>
public sealed record StoredFile(FileHandle Handle, byte[] Bytes)
{
    /// <summary>Reproducible content of a length.</summary>
    public static StoredFile Of(FileKind kind, int length, string seed = "contract") =>
        Of(kind, SeededBytes.Random(seed, length));

    /// <summary>Given content.</summary>
    public static StoredFile Of(FileKind kind, byte[] bytes) =>
        new(
            kind == FileKind.Config
                ? FileHandle.Config
                : new FileHandle(kind, Convert.ToHexStringLower(SHA256.HashData(bytes))),
            bytes
        );

    /// <summary>Saves it, create-only.</summary>
    public async Task SaveToAsync(IBackend backend, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(Bytes, writable: false);
        await backend.SaveAsync(Handle, content, SaveMode.CreateOnly, cancellationToken);
    }
}
