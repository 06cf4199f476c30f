namespace Granary.Engine.Repositories.Locking;

/// <summary>How long locks live, wait and are waited for. Each number follows from those above it.</summary>
/// <remarks>Source: repository format §13.</remarks>
internal static class LockTimes
{
    /// <summary>Everybody takes a lock of this age for dead: restic's rule.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(30);

    /// <summary>A living owner replaces its lock file this often, as restic does.</summary>
    public static readonly TimeSpan RefreshEvery = TimeSpan.FromMinutes(5);

    /// <summary>After a refresh that failed.</summary>
    public static readonly TimeSpan RefreshAgainAfter = RefreshEvery / 5;

    /// <summary>
    /// Without a refresh for this long, writing stops until the lock is re-established: one and a half intervals before
    /// others may take it for dead, as restic does.
    /// </summary>
    public static readonly TimeSpan DoubtfulAfter = StaleAfter - (RefreshEvery * 1.5);

    /// <summary>
    /// Watched for this long without a refresh, an old lock has no living owner: an interval, one more try, and half a
    /// minute for the store.
    /// </summary>
    public static readonly TimeSpan UnrefreshedAfter = RefreshEvery + RefreshAgainAfter + TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long writers wait between writing a lock and looking for others, so that of two at least one sees the other.
    /// </summary>
    /// <remarks>
    /// Where every listing shows all files that were saved before it, there is no need to wait (decision 7).
    /// </remarks>
    public static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    /// <summary>The first wait while somebody else's lock is in the way; each further one is twice as long.</summary>
    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);

    /// <summary>The longest of those waits.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Waits before a lock that cannot be read, or is not listed, is looked at again; 35 seconds in all.
    /// </summary>
    public static readonly IReadOnlyList<TimeSpan> LookAgainAfter = [FirstWait, FirstWait * 2, FirstWait * 4];
}
