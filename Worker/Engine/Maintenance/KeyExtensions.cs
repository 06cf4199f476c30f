using Granary.Engine.Ids;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Files;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;

namespace Granary.Engine.Maintenance;

/// <summary>The passwords of a repository. Source: repository format §14.</summary>
public static class KeyExtensions
{
    /// <summary>Lists the key files, damaged ones included.</summary>
    public static async Task<IReadOnlyList<KeyInfo>> KeysAsync(
        this OpenRepository repository,
        CancellationToken cancellationToken
    )
    {
        var keys = new List<KeyInfo>();
        foreach (var name in await repository.Stored.NamesAsync(FileKind.Key, cancellationToken))
        {
            keys.Add(await ReadAsync(repository, name, cancellationToken));
        }

        return keys;
    }

    /// <summary>Adds a password. Success means that the new key file was read back and opened.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="password">The new password, taken as it is.</param>
    /// <param name="options">The notes in the key file, and the cost of the password's key.</param>
    /// <param name="heldLock">Any lock.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The name of the key file.</returns>
    /// <exception cref="KeyRefusedException">There are so many keys that the new one might not be tried.</exception>
    public static Task<string> AddKeyAsync(
        this OpenRepository repository,
        Secret password,
        KeyOptions options,
        RepositoryLock heldLock,
        CancellationToken cancellationToken
    ) =>
        UnderLock.RunAsync(
            heldLock,
            LockMode.Shared,
            token => AddAsync(repository, password, options, heldLock, KeyFiles.MostTried - 1, token),
            cancellationToken
        );

    /// <summary>Removes a password.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="idPrefix">The beginning of the key file's name, long enough to be unique.</param>
    /// <param name="heldLock">An exclusive lock.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The name of the key file that is gone.</returns>
    /// <exception cref="KeyRefusedException">It is the key in use, or the prefix names none or several.</exception>
    public static Task<string> RemoveKeyAsync(
        this OpenRepository repository,
        string idPrefix,
        RepositoryLock heldLock,
        CancellationToken cancellationToken
    ) =>
        UnderLock.RunAsync(
            heldLock,
            LockMode.Exclusive,
            async token =>
            {
                var names = await repository.Stored.NamesAsync(FileKind.Key, token);
                var found = names
                    .ConvertAll(name => name.ToString())
                    .FindAll(name => idPrefix.Length > 0 && name.StartsWith(idPrefix, StringComparison.Ordinal));
                if (found is not [var only])
                {
                    throw new KeyRefusedException(
                        $"{repository.Backend.Location}: {found.Count} keys have an id that begins with "
                            + $"'{idPrefix}'; exactly one is needed"
                    );
                }

                if (only == repository.KeyFile)
                {
                    throw new KeyRefusedException(
                        $"{repository.Backend.Location}: key {only[..8]} is the one in use; open the repository with "
                            + "another password to remove it"
                    );
                }

                if (!names.Contains(Sha256Id.Parse(repository.KeyFile)))
                {
                    // Somebody removed it while we waited for the lock. With the other one gone, too, nobody might be
                    // able to open the repository.
                    throw new KeyRefusedException(
                        $"{repository.Backend.Location}: key {repository.KeyFile[..8]}, the one in use, was removed "
                            + "meanwhile; no other key is removed with it"
                    );
                }

                await heldLock.Backend.DeleteAsync(new FileHandle(FileKind.Key, only), token);
                return only;
            },
            cancellationToken
        );

    /// <summary>
    /// Replaces the password that opened the repository: adds the new one, and only then removes the old one.
    /// </summary>
    /// <remarks>A failure in between leaves both.</remarks>
    /// <param name="repository">The repository; the new key is the one in use afterwards.</param>
    /// <param name="password">The new password, taken as it is.</param>
    /// <param name="options">The notes in the key file, and the cost of the password's key.</param>
    /// <param name="heldLock">An exclusive lock.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The name of the new key file.</returns>
    /// <exception cref="KeyRefusedException">There are so many keys that the new one might not be tried.</exception>
    public static Task<string> ChangePasswordAsync(
        this OpenRepository repository,
        Secret password,
        KeyOptions options,
        RepositoryLock heldLock,
        CancellationToken cancellationToken
    ) =>
        UnderLock.RunAsync(
            heldLock,
            LockMode.Exclusive,
            async token =>
            {
                var old = repository.KeyFile;
                var added = await AddAsync(repository, password, options, heldLock, KeyFiles.MostTried, token);
                repository.Keys = repository.Keys with { File = added };
                await heldLock.Backend.DeleteAsync(new FileHandle(FileKind.Key, old), token);
                return added;
            },
            cancellationToken
        );

    private static async Task<string> AddAsync(
        OpenRepository repository,
        Secret password,
        KeyOptions options,
        RepositoryLock heldLock,
        int mostBefore,
        CancellationToken cancellationToken
    )
    {
        var count = (await repository.Stored.NamesAsync(FileKind.Key, cancellationToken)).Count;
        if (count > mostBefore)
        {
            throw new KeyRefusedException(
                $"{repository.Backend.Location}: it has {count} keys, of which {KeyFiles.MostTried} are tried, by "
                    + "restic as well; a new one might never open it. Remove keys first"
            );
        }

        var init = new InitOptions
        {
            Hostname = options.Hostname,
            Username = options.Username,
            Cost = options.Cost,
            Time = repository.Time,
            Logger = repository.Logger,
        };
        return await KeyFiles.AddAsync(heldLock.Backend, repository.Keys.Master, password, init, cancellationToken);
    }

    private static async Task<KeyInfo> ReadAsync(
        OpenRepository repository,
        Sha256Id name,
        CancellationToken cancellationToken
    )
    {
        var id = name.ToString();
        var key = new KeyInfo(id, id == repository.KeyFile);
        try
        {
            var stored = await UnpackedFiles.ReadVerifiedAsync(
                repository.Backend,
                new FileHandle(FileKind.Key, id),
                name,
                repository.Logger,
                cancellationToken
            );
            var record = KeyRecord.Parse(stored);
            return key with { Username = record.Username, Hostname = record.Hostname, Created = record.Created };
        }
        catch (Exception e) when (IsDamage(e))
        {
            return key with { Fault = e.Message };
        }
    }

    private static bool IsDamage(Exception exception) =>
        exception is DamagedFileException or StorageException { Error: StorageError.NotFound }
        || UnpackedFiles.IsAboutContent(exception);
}

/// <summary>The notes in a new key file, and its cost.</summary>
public sealed record KeyOptions
{
    /// <summary>Host name.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>User name.</summary>
    public string Username { get; init; } = "";

    /// <summary>The cost of the password's key. Default: <see cref="KeyCost.Default"/>.</summary>
    public KeyCost Cost { get; init; } = KeyCost.Default;
}

/// <summary>A key file.</summary>
/// <param name="Id">Its name.</param>
/// <param name="IsCurrent">Whether it is the one that opened the repository.</param>
public sealed record KeyInfo(string Id, bool IsCurrent)
{
    /// <summary>The user that added it.</summary>
    public string Username { get; init; } = "";

    /// <summary>Where.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>When.</summary>
    public Timestamp Created { get; init; }

    /// <summary>Why it cannot be read; null if it can.</summary>
    public string? Fault { get; init; }
}

/// <summary>A key that must not or cannot be removed. Nothing was removed.</summary>
public sealed class KeyRefusedException(string message) : RepositoryException(message);
