using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.Engine.Records;
using Granary.Engine.Repositories.Files;
using Granary.Storage;

namespace Granary.Engine.Repositories;

/// <summary>The master key, and the sealer made of it.</summary>
/// <param name="Master">The master key.</param>
/// <param name="Sealer">Seals and opens with it.</param>
/// <param name="File">The name of the key file that the password opened.</param>
internal sealed record RepositoryKeys(RepositoryKey Master, Sealer Sealer, string File);

/// <summary>Finds the key file that a password opens, and adds new ones. Source: repository format §5.2, §14.</summary>
internal static class KeyFiles
{
    /// <summary>How many key files are tried, as by restic: each costs a good part of a second.</summary>
    public const int MostTried = 20;

    /// <summary>
    /// Tries key files in the order of their names, the hinted one first. A wrong MAC goes on to the next, and so does
    /// a file that cannot be used: a damaged one must not lock out the users of other keys. It is the error where no
    /// key opens, as it may be the password's.
    /// </summary>
    /// <param name="backend">The store.</param>
    /// <param name="password">The password.</param>
    /// <param name="options">The hint, and where messages go.</param>
    /// <param name="isRight">
    /// Whether a master key is this repository's. Two programs that began it at the same moment may have left a key
    /// each, of one password. If none is right, the first that opened is returned. Null: any key that opens is right.
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<(RepositoryKey Master, string File)> OpenAsync(
        IBackend backend,
        Secret password,
        OpenOptions options,
        Func<RepositoryKey, bool>? isRight,
        CancellationToken cancellationToken
    )
    {
        var names = await backend
            .ListAsync(FileKind.Key, cancellationToken)
            .Select(file => file.Name)
            .OrderBy(name =>
                !(options.KeyHint is { Length: > 0 } hint && name.StartsWith(hint, StringComparison.Ordinal))
            )
            .ThenBy(name => name, StringComparer.Ordinal)
            .ToListAsync(cancellationToken);
        if (names.Count == 0)
        {
            throw new DamagedFileException("keys", "there is a config but no key file");
        }

        (RepositoryKey Master, string File)? opened = null;
        Exception? unusable = null;
        var tried = 0;
        foreach (var name in names.Take(MostTried))
        {
            tried++;
            var handle = new FileHandle(FileKind.Key, name);
            try
            {
                var stored = await UnpackedFiles.ReadVerifiedAsync(
                    backend,
                    handle,
                    Sha256Id.Parse(name),
                    options.Logger,
                    cancellationToken
                );
                if (TryOpen(handle.ToString(), stored, password) is { } master)
                {
                    if (isRight is null || isRight(master))
                    {
                        return (master, name);
                    }

                    opened ??= (master, name);
                }
            }
            catch (Exception e) when (e is RepositoryException or StorageException { Error: StorageError.NotFound })
            {
                // One that is not found was replaced by another password since the listing, which may show the new
                // one's key as well.
                options.Logger.KeyUnusable(handle.ToString(), e.Message);
                unusable ??= e;
            }
        }

        if (unusable is not null)
        {
            ExceptionDispatchInfo.Throw(unusable);
        }

        return opened ?? throw new WrongPasswordException(backend.Location, tried);
    }

    /// <summary>Writes a key file for a password, reads it back and opens it; deletes it again if that fails.</summary>
    public static async Task<string> AddAsync(
        IBackend backend,
        RepositoryKey master,
        Secret password,
        InitOptions options,
        CancellationToken cancellationToken
    )
    {
        var salt = RandomNumberGenerator.GetBytes(KeyRecord.SaltSize);
        var user = Scrypt.Derive(password.Reveal(), salt, options.Cost.N, options.Cost.R, options.Cost.P);
        var stored = new KeyRecord
        {
            Created = Timestamp.From(options.Time.GetLocalNow()),
            Username = options.Username,
            Hostname = options.Hostname,
            N = options.Cost.N,
            R = options.Cost.R,
            P = options.Cost.P,
            Salt = salt,
            Data = new Sealer(user).Seal(KeyRecord.MasterToJson(master)),
        }.ToJson();
        var name = Sha256Id.Of(stored);
        var handle = new FileHandle(FileKind.Key, name.ToString());
        await UnpackedFiles.SaveContentAsync(
            backend,
            handle,
            new MemoryStream(stored, writable: false),
            cancellationToken
        );
        try
        {
            var read = await UnpackedFiles.ReadVerifiedAsync(backend, handle, name, options.Logger, cancellationToken);
            _ = TryOpen(handle.ToString(), read, password)
                ?? throw new DamagedFileException(handle.ToString(), "it does not open again");
        }
        catch (RepositoryException)
        {
            // A key that nobody can open would only stand in the way; this must happen even when the caller gives up.
            await backend.DeleteAsync(handle, CancellationToken.None);
            throw;
        }

        return handle.Name;
    }

    /// <summary>The master key in a key file, or null if the password is not this file's.</summary>
    private static RepositoryKey? TryOpen(string file, byte[] stored, Secret password)
    {
        try
        {
            var record = KeyRecord.Parse(stored);
            if (
                record.Kdf != "scrypt"
                || record.Salt.Length != KeyRecord.SaltSize
                || !Scrypt.IsValid(record.N, record.R, record.P)
            )
            {
                throw new UnsupportedFormatException(
                    $"{file} uses a key derivation that this program does not know, or impossible parameters"
                );
            }

            if (!Scrypt.IsAffordable(record.N, record.R, record.P))
            {
                throw new UnsupportedFormatException(
                    $"{file} asks for scrypt with N={record.N}, r={record.R}, p={record.P}, which takes "
                        + $"{Scrypt.MemoryBytes(record.N, record.R, record.P) >> 20} MiB of memory; at most "
                        + $"{Scrypt.MostMemoryBytes >> 20} MiB and N·r·p of {Scrypt.MostWork} are accepted. "
                        + "Delete the file if nobody knows it, or add its password again with a usual cost"
                );
            }

            var user = Scrypt.Derive(password.Reveal(), record.Salt, record.N, record.R, record.P);
            return new Sealer(user).Open(record.Data) is { } master ? KeyRecord.MasterFromJson(master) : null;
        }
        catch (Exception e) when (UnpackedFiles.IsAboutContent(e))
        {
            throw new DamagedFileException(file, e.Message, e);
        }
    }
}
