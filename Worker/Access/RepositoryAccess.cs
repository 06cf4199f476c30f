using Granary.Engine;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Microsoft.Extensions.Logging;

namespace Granary.Access;

/// <summary>Opens, makes and locks a repository on behalf of this process.</summary>
/// <param name="backend">Where it is.</param>
/// <param name="password">Its password.</param>
/// <param name="self">This process, as locks and key files name it.</param>
/// <param name="isOwnerGone">Whether a lock's owner is known to be gone; null where nobody can tell.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Gets the engine's messages.</param>
public sealed class RepositoryAccess(
    IBackend backend,
    Secret password,
    LockOwner self,
    Func<LockHolder, CancellationToken, ValueTask<bool>>? isOwnerGone,
    TimeProvider time,
    ILogger log
) : IAsyncDisposable
{
    /// <summary>How long a step waits for somebody else's lock, as Stash does.</summary>
    public static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(10);

    /// <summary>Where the repository is.</summary>
    public IBackend Backend => backend;

    /// <summary>The cost of trying a password, for keys that are made.</summary>
    public KeyCost KeyCost { get; init; } = KeyCost.Default;

    /// <summary>The id of the key to try first, or its beginning; null where it is not known.</summary>
    public string? KeyHint { get; init; }

    /// <summary>This process, as locks name it.</summary>
    public LockOwner Self => self;

    /// <summary>Opens the repository.</summary>
    public Task<OpenRepository> OpenAsync(CancellationToken cancellationToken) =>
        Repository.OpenAsync(
            backend,
            password,
            new OpenOptions
            {
                KeyHint = KeyHint,
                Time = time,
                Logger = log,
            },
            cancellationToken
        );

    /// <summary>Makes the repository.</summary>
    /// <exception cref="RepositoryExistsException">There is one.</exception>
    public Task<OpenRepository> InitAsync(int version, CancellationToken cancellationToken)
    {
        var options = new InitOptions
        {
            Version = version,
            Hostname = self.Hostname,
            Username = self.Username,
            Cost = KeyCost,
            Time = time,
            Logger = log,
        };
        return Repository.InitAsync(backend, password, options, cancellationToken);
    }

    /// <summary>
    /// Opens the repository, or makes it where there is none. Two that try at once end with the same one.
    /// </summary>
    public async Task<OpenRepository> OpenOrInitAsync(CancellationToken cancellationToken)
    {
        if (await Repository.ExistsAsync(backend, cancellationToken))
        {
            return await OpenAsync(cancellationToken);
        }

        try
        {
            return await InitAsync(new InitOptions().Version, cancellationToken);
        }
        catch (RepositoryExistsException)
        {
            // Remains of a repository, or the beginnings of another program's: that finding says more than that there
            // is nothing to open.
            if (!await Repository.ExistsAsync(backend, cancellationToken))
            {
                throw;
            }

            return await OpenAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Takes a lock; waits for others, and removes locks that are stale or whose owners are known to be gone.
    /// </summary>
    public Task<RepositoryLock> LockAsync(
        OpenRepository repository,
        LockMode mode,
        TimeSpan patience,
        CancellationToken cancellationToken
    ) =>
        repository.LockAsync(
            mode,
            self,
            new LockOptions
            {
                WaitFor = patience,
                IsOwnerGoneAsync = isOwnerGone,
                RemoveStale = true,
            },
            cancellationToken
        );

    /// <summary>Options for removing stale locks.</summary>
    public LockOptions UnlockOptions => new() { IsOwnerGoneAsync = isOwnerGone };

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => backend.DisposeAsync();
}
