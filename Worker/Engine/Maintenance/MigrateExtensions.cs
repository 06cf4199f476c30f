using Granary.Engine.Repositories;
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
            : throw new UnsupportedFormatException($"{repository.Backend.Location}: the repository has version {repository.Version} already");
    }

    /// <summary>Replaces <c>config</c>. Packs, indexes and snapshots stay as they are and stay valid; what is stored from now on is compressed.</summary>
    /// <remarks>The store replaces a file as a whole or not at all. The new file is read back; if it is not what was written, the old one is put back.</remarks>
    /// <param name="repository">The repository; open it again afterwards.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="heldLock">An exclusive lock.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DamagedFileException">The new config was not stored as it was written. The old one is back.</exception>
    public static Task MigrateAsync(this OpenRepository repository, MigrationPlan plan, RepositoryLock heldLock, CancellationToken cancellationToken) =>
        UnderLock.RunAsync(heldLock, LockMode.Exclusive, async token =>
        {
            var old = await repository.Backend.ReadAllAsync(FileHandle.Config, token);
            var config = repository.Sealer.Seal((repository.Config with { Version = plan.To }).ToJson());
            await heldLock.ConfirmAsync(token);
            await ReplaceAsync(heldLock.Backend, config, token);
            var stored = await repository.Backend.ReadAllAsync(FileHandle.Config, token);
            if (!stored.AsSpan().SequenceEqual(config))
            {
                // Whatever the caller wishes by now: a repository without a config is lost to everybody.
                await ReplaceAsync(repository.Backend, old, CancellationToken.None);
                throw new DamagedFileException("config", "it was not stored as it was written; the old one is back");
            }

            return true;
        }, cancellationToken);

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
