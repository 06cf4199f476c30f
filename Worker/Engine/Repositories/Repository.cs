using Granary.Storage;

namespace Granary.Engine.Repositories;

/// <summary>A repository nobody has opened yet.</summary>
public static class Repository
{
    /// <summary>Whether there is a repository: whether <c>config</c> exists.</summary>
    public static async Task<bool> ExistsAsync(IBackend backend, CancellationToken cancellationToken) =>
        await backend.SizeAsync(FileHandle.Config, cancellationToken) is not null;

    /// <summary>Makes a new repository, or finishes the making of one that was killed between key and config.</summary>
    /// <exception cref="RepositoryExistsException">There is a config, a key or a snapshot already.</exception>
    /// <exception cref="WrongPasswordException">There is one key and nothing else, and it does not open.</exception>
    public static Task<OpenRepository> InitAsync(IBackend backend, Secret password, InitOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Opens a repository with its password.</summary>
    /// <exception cref="RepositoryNotFoundException">There is no config.</exception>
    /// <exception cref="WrongPasswordException">No key opens.</exception>
    /// <exception cref="DamagedFileException">A key file or the config is damaged.</exception>
    /// <exception cref="UnsupportedFormatException">Another version, or another key derivation.</exception>
    public static Task<OpenRepository> OpenAsync(IBackend backend, Secret password, OpenOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
