namespace Granary.Engine.Repositories.Files;

/// <summary>
/// A listing that has to show a file of ours, which is stored. One that does not show it may hide others' files as
/// well, and is asked for again.
/// </summary>
internal static class OwnListing
{
    /// <param name="own">The file that has to be shown.</param>
    /// <param name="listAsync">Lists once.</param>
    /// <param name="waits">The waits before it is asked for again.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onUnlisted">Is given each wait before it begins; null where nothing needs to be reported.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The listing, our own file included; null if the last one does not show it either.</returns>
    public static async Task<List<T>?> ReadAsync<T>(
        T own,
        Func<CancellationToken, Task<List<T>>> listAsync,
        IReadOnlyList<TimeSpan> waits,
        TimeProvider time,
        Action<TimeSpan>? onUnlisted,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 0; ; attempt++)
        {
            var names = await listAsync(cancellationToken);
            if (names.Contains(own))
            {
                return names;
            }

            if (attempt == waits.Count)
            {
                return null;
            }

            onUnlisted?.Invoke(waits[attempt]);
            await Task.Delay(waits[attempt], time, cancellationToken);
        }
    }
}
