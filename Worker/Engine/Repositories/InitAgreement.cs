using Granary.Engine.Repositories.Files;
using Granary.Storage;

namespace Granary.Engine.Repositories;

/// <summary>Settles which of several programs makes a repository that they begin at the same moment.</summary>
/// <remarks>
/// Not every store decides which of two saves of one name came first. Two could each store a key and a config, and one
/// would fill the repository under a master key that the config of the other hides. So a key file announces its writer,
/// as a lock file does. It is stored before the keys are listed, and of two writers at least one sees the other
/// (decision 9). A writer that sees no other key creates the config. A writer that sees others waits for theirs. The
/// first by name waits a while, since another may have been alone when it looked. The others wait longer.
/// </remarks>
internal static class InitAgreement
{
    private static readonly IReadOnlyList<TimeSpan> ListAgainAfter =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(5),
    ];
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstWaits = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan OthersWait = TimeSpan.FromSeconds(45);

    /// <summary>
    /// Waits until it is settled which writer of a key makes the config: up to 15 seconds as the first by name, up to
    /// 45 as another. A writer that waits in vain withdraws: it deletes its key.
    /// </summary>
    /// <returns>Whether the config is ours to make; otherwise another's is there.</returns>
    /// <exception cref="RepositoryExistsException">
    /// Another writer comes first and has not finished. Our key is deleted, so that a program that begins anew finds
    /// only that one's.
    /// </exception>
    public static async Task<bool> WaitForTurnOrWithdrawAsync(
        IBackend backend,
        string ownKey,
        InitOptions options,
        CancellationToken cancellationToken
    )
    {
        await SettleAsync(backend, options, cancellationToken);
        var others = await OtherKeysAsync(backend, ownKey, options, cancellationToken);
        if (others.Count == 0)
        {
            return true;
        }

        options.Logger.InitialisationShared(backend.Location);
        var isFirst = others.TrueForAll(other => string.CompareOrdinal(ownKey, other) < 0);
        var started = options.Time.GetTimestamp();
        while (!await Repository.ExistsAsync(backend, cancellationToken))
        {
            if (options.Time.GetElapsedTime(started) >= (isFirst ? FirstWaits : OthersWait))
            {
                return isFirst ? true : throw await WithdrawAsync(backend, ownKey, cancellationToken);
            }

            await Task.Delay(LookEvery, options.Time, cancellationToken);
        }

        return false;
    }

    /// <summary>Waits until the store shows files that others have just saved.</summary>
    public static Task SettleAsync(IBackend backend, InitOptions options, CancellationToken cancellationToken) =>
        backend.ListsAtOnce ? Task.CompletedTask : Task.Delay(options.SettleTime, options.Time, cancellationToken);

    /// <summary>The key files beside our own, which is stored.</summary>
    /// <exception cref="DamagedFileException">Our own key is still not listed.</exception>
    public static async Task<List<string>> OtherKeysAsync(
        IBackend backend,
        string ownKey,
        InitOptions options,
        CancellationToken cancellationToken
    )
    {
        var names = await OwnListing.ReadAsync(
            ownKey,
            token => backend.ListAsync(FileKind.Key, token).Select(file => file.Name).ToListAsync(token).AsTask(),
            ListAgainAfter,
            options.Time,
            onUnlisted: null,
            cancellationToken
        );
        return names is null
            ? throw new DamagedFileException(
                new FileHandle(FileKind.Key, ownKey).ToString(),
                "it was saved, but the store does not list it"
            )
            : names.FindAll(name => name != ownKey);
    }

    private static async Task<RepositoryExistsException> WithdrawAsync(
        IBackend backend,
        string ownKey,
        CancellationToken cancellationToken
    )
    {
        await backend.DeleteAsync(new FileHandle(FileKind.Key, ownKey), cancellationToken);
        return new RepositoryExistsException(
            backend.Location,
            "another program began one at the same moment and has not finished it; start again"
        );
    }
}
