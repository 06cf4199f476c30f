using System.Security.Cryptography;
using Granary.Engine.Chunking;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.Engine.Records;
using Granary.Engine.Repositories.Files;
using Granary.Storage;

namespace Granary.Engine.Repositories;

/// <summary>A repository that is not opened yet. Source: repository format §14.</summary>
public static class Repository
{
    /// <summary>Whether there is a repository: whether <c>config</c> exists.</summary>
    public static async Task<bool> ExistsAsync(IBackend backend, CancellationToken cancellationToken) =>
        await backend.SizeAsync(FileHandle.Config, cancellationToken) is not null;

    /// <summary>Makes a new repository, or finishes the making of one that was killed between key and config.</summary>
    /// <exception cref="RepositoryExistsException">There is a config or a snapshot already.</exception>
    /// <exception cref="WrongPasswordException">There are keys and nothing else, and none opens.</exception>
    public static async Task<OpenRepository> InitAsync(
        IBackend backend,
        Secret password,
        InitOptions options,
        CancellationToken cancellationToken
    )
    {
        if (options.Version is not (1 or 2))
        {
            throw new UnsupportedFormatException($"there is no repository version {options.Version}; choose 1 or 2");
        }

        if (await ExistsAsync(backend, cancellationToken))
        {
            throw new RepositoryExistsException(backend.Location, "there is a config already");
        }

        var master = await FindHalfMadeAsync(backend, password, options, cancellationToken);
        string? ownKey = null;
        var isOurs = true;
        if (master is null)
        {
            await backend.PrepareAsync(cancellationToken);
            master = RepositoryKey.Random();
            ownKey = await KeyFiles.AddAsync(backend, master, password, options, cancellationToken);
            isOurs = await InitAgreement.WaitForTurnOrWithdrawAsync(backend, ownKey, options, cancellationToken);
        }
        else
        {
            options.Logger.InitialisationFinished(backend.Location);
        }

        var sealer = new Sealer(master);
        if (isOurs)
        {
            await SaveConfigAsync(backend, sealer, options.Version, cancellationToken);
        }

        await DropKeyOfNoConfigAsync(backend, sealer, ownKey, options, cancellationToken);

        // Stores that do not know a client's framing have saved it as content before now. So the new files are read
        // back and opened (§24.12).
        var repository = await OpenAsync(backend, password, options, cancellationToken);
        options.Logger.Initialised(repository.Id, repository.Version, backend.Location);
        return repository;
    }

    /// <summary>Opens a repository with its password.</summary>
    /// <exception cref="RepositoryNotFoundException">There is no config.</exception>
    /// <exception cref="WrongPasswordException">No key opens.</exception>
    /// <exception cref="DamagedFileException">A key file or the config is damaged.</exception>
    /// <exception cref="UnsupportedFormatException">Another version, or another key derivation.</exception>
    public static async Task<OpenRepository> OpenAsync(
        IBackend backend,
        Secret password,
        OpenOptions options,
        CancellationToken cancellationToken
    )
    {
        var stored = await ReadConfigAsync(backend, cancellationToken);
        var (master, file) = await KeyFiles.OpenAsync(
            backend,
            password,
            options,
            found => new Sealer(found).Open(stored) is not null,
            cancellationToken
        );
        var sealer = new Sealer(master);
        var opened = sealer.Open(stored) ?? throw new DamagedFileException("config", "its seal is broken");
        var config = ParseConfig(opened);
        if (config.Version is not (1 or 2))
        {
            throw new UnsupportedFormatException(
                $"{backend.Location}: the repository has version {config.Version}; this program knows 1 and 2"
            );
        }

        return Polynomial.TryParse(config.ChunkerPolynomial, out var polynomial)
            ? new OpenRepository(
                backend,
                config,
                new RepositoryKeys(master, sealer, file),
                new Chunker(polynomial),
                options
            )
            : throw new DamagedFileException("config", "its chunker polynomial is not irreducible");
    }

    /// <summary>Writes the config. If one has appeared meanwhile, ours or another's, it is respected.</summary>
    private static async Task SaveConfigAsync(
        IBackend backend,
        Sealer sealer,
        int version,
        CancellationToken cancellationToken
    )
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Sha256Id.Size));
        var stored = sealer.Seal(new ConfigRecord(version, id, Polynomial.Random().ToString()).ToJson());
        try
        {
            await backend.SaveAsync(
                FileHandle.Config,
                new MemoryStream(stored, writable: false),
                SaveMode.CreateOnly,
                cancellationToken
            );
        }
        catch (StorageException e) when (e.Error == StorageError.AlreadyExists)
        {
            // Ours after a lost reply, or of another init at the same time; which one is looked at next.
        }
    }

    /// <summary>
    /// Removes the key that we have just made if the config that is there now is another init's: it opens nothing and
    /// would hide that one's.
    /// </summary>
    /// <remarks>
    /// That one's password decides whether we can open its repository. Before this no data is stored, so none is lost.
    /// </remarks>
    private static async Task DropKeyOfNoConfigAsync(
        IBackend backend,
        Sealer sealer,
        string? ownKey,
        InitOptions options,
        CancellationToken cancellationToken
    )
    {
        // Where the last of two saves wins, it has won by now.
        await InitAgreement.SettleAsync(backend, options, cancellationToken);
        if (
            ownKey is not null
            && sealer.Open(await ReadConfigAsync(backend, cancellationToken)) is null
            && (await InitAgreement.OtherKeysAsync(backend, ownKey, options, cancellationToken)).Count > 0
        )
        {
            await backend.DeleteAsync(new FileHandle(FileKind.Key, ownKey), cancellationToken);
        }
    }

    /// <summary>
    /// The version that the config says now: it may have been upgraded since the repository was opened.
    /// </summary>
    internal static async Task<int> StoredVersionAsync(OpenRepository repository, CancellationToken cancellationToken)
    {
        var opened = repository.Sealer.Open(await ReadConfigAsync(repository.Backend, cancellationToken))
            ?? throw new DamagedFileException("config", "its seal is broken");
        return ParseConfig(opened).Version;
    }

    private static async Task<byte[]> ReadConfigAsync(IBackend backend, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await backend.ReadAllAsync(FileHandle.Config, cancellationToken);
            return stored.Length > 0 ? stored : throw new DamagedFileException("config", "it is empty");
        }
        catch (StorageException e) when (e.Error == StorageError.NotFound)
        {
            throw new RepositoryNotFoundException(backend.Location);
        }
    }

    private static ConfigRecord ParseConfig(byte[] opened)
    {
        try
        {
            return ConfigRecord.Parse(opened);
        }
        catch (Exception e) when (UnpackedFiles.IsAboutContent(e))
        {
            throw new DamagedFileException("config", e.Message, e);
        }
    }

    /// <summary>
    /// The master key of an init that was killed after its key and before its config; null where there is nothing at
    /// all.
    /// </summary>
    private static async Task<RepositoryKey?> FindHalfMadeAsync(
        IBackend backend,
        Secret password,
        InitOptions options,
        CancellationToken cancellationToken
    )
    {
        foreach (var kind in (FileKind[])[FileKind.Snapshot, FileKind.Index, FileKind.Pack])
        {
            await foreach (var file in backend.ListAsync(kind, cancellationToken))
            {
                // An expired bucket rule may have removed only the config: the other files must not be orphaned.
                throw new RepositoryExistsException(
                    backend.Location,
                    $"there is no config, but {new FileHandle(kind, file.Name)} exists"
                );
            }
        }

        // Several keys are those of inits that began together and all died. A program that finishes their work takes
        // the first by name, so that all take the same.
        return await backend.ListAsync(FileKind.Key, cancellationToken).AnyAsync(cancellationToken)
            ? (await KeyFiles.OpenAsync(backend, password, options, isRight: null, cancellationToken)).Master
            : null;
    }
}
