using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;

namespace Granary.Engine.Maintenance;

/// <summary>Upgrading the format. Source: repository format §23.</summary>
public static class MigrateExtensions
{
    /// <summary>Plans the step from version 1 to 2. Changes nothing.</summary>
    /// <exception cref="UnsupportedFormatException">The repository has version 2 already.</exception>
    public static MigrationPlan PlanMigration(this OpenRepository repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return repository.Version == 1
            ? new MigrationPlan(1, 2)
            : throw new UnsupportedFormatException(
                $"{repository.Backend.Location}: the repository has version {repository.Version} already"
            );
    }

    /// <summary>
    /// Replaces <c>config</c>. Packs, indexes and snapshots stay as they are and stay valid; blobs that are stored from
    /// now on are compressed.
    /// </summary>
    /// <remarks>
    /// Not every store replaces a file as a whole: with a REST server there is a moment without one, and a repository
    /// without a config is lost to everybody. So the old one lies in a local file until the new one was read back, and
    /// is put back when anything goes wrong.
    /// </remarks>
    /// <param name="repository">The repository; open it again afterwards.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="heldLock">An exclusive lock.</param>
    /// <param name="folder">Where the old config is kept meanwhile, encrypted as it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DamagedFileException">
    /// The new config was not stored as it was written. The old one is back.
    /// </exception>
    /// <exception cref="ConfigNotRestoredException">
    /// Neither the new nor the old config could be stored; the message names the local file.
    /// </exception>
    public static Task MigrateAsync(
        this OpenRepository repository,
        MigrationPlan plan,
        RepositoryLock heldLock,
        string folder,
        CancellationToken cancellationToken
    ) =>
        UnderLock.RunAsync(
            heldLock,
            LockMode.Exclusive,
            async token =>
            {
                var old = await repository.Backend.ReadAllAsync(FileHandle.Config, token);
                var config = repository.Sealer.Seal((repository.Config with { Version = plan.To }).ToJson());
                await heldLock.ConfirmAsync(token);
                var kept = Path.Combine(folder, $"granary-config-{repository.Id[..8]}-{Path.GetRandomFileName()}");
                await using (var file = new FileStream(kept, FileMode.CreateNew, FileAccess.Write))
                {
                    await file.WriteAsync(old, token);
                    file.Flush(flushToDisk: true);
                }

                repository.Logger.ConfigKept(kept);
                try
                {
                    await ReplaceAsync(heldLock.Backend, config, token);
                    var stored = await repository.Backend.ReadAllAsync(FileHandle.Config, token);
                    if (!stored.AsSpan().SequenceEqual(config))
                    {
                        throw new DamagedFileException(
                            "config",
                            "it was not stored as it was written; the old one is back"
                        );
                    }
                }
                catch
                {
                    await PutBackAsync(repository.Backend, old, kept);
                    throw;
                }

                File.Delete(kept);
            },
            cancellationToken
        );

    // Runs even if the caller was cancelled. Without a word from the store nobody knows which config is there, so the
    // old one is written in any case.
    private static async Task PutBackAsync(IBackend backend, byte[] old, string kept)
    {
        try
        {
            await ReplaceAsync(backend, old, CancellationToken.None);
        }
        catch (StorageException e)
        {
            throw new ConfigNotRestoredException(backend.Location, kept, e);
        }

        File.Delete(kept);
    }

    private static async Task ReplaceAsync(IBackend backend, byte[] content, CancellationToken cancellationToken)
    {
        await using var stream = new MemoryStream(content, writable: false);
        await backend.SaveAsync(FileHandle.Config, stream, SaveMode.Replace, cancellationToken);
    }
}

/// <summary>A step between format versions.</summary>
/// <param name="From">The version now.</param>
/// <param name="To">The version afterwards.</param>
public sealed record MigrationPlan(int From, int To);
