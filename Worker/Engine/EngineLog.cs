using Microsoft.Extensions.Logging;

namespace Granary.Engine;

/// <summary>Everything the engine says. Event ids 2000 to 2999.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(
        EngineEventId.Initialised,
        LogLevel.Information,
        "Initialised repository {RepositoryId}, version {Version}, at {Location}"
    )]
    public static partial void Initialised(this ILogger logger, string repositoryId, int version, string location);

    [LoggerMessage(
        EngineEventId.InitialisationFinished,
        LogLevel.Warning,
        "Finished the interrupted initialisation of the repository at {Location}"
    )]
    public static partial void InitialisationFinished(this ILogger logger, string location);

    [LoggerMessage(
        EngineEventId.ConfigKept,
        LogLevel.Information,
        "The old config is kept in {File} until the new one is stored; without a config nobody can open the repository"
    )]
    public static partial void ConfigKept(this ILogger logger, string file);

    [LoggerMessage(
        EngineEventId.IndexLoaded,
        LogLevel.Debug,
        "Loaded {IndexFiles} index files: {Blobs} blobs in {Packs} packs"
    )]
    public static partial void IndexLoaded(this ILogger logger, int indexFiles, int blobs, int packs);

    [LoggerMessage(EngineEventId.IndexSaved, LogLevel.Debug, "Saved index {IndexId}: {Blobs} blobs in {Packs} packs")]
    public static partial void IndexSaved(this ILogger logger, string indexId, int blobs, int packs);

    [LoggerMessage(
        EngineEventId.PacksUnsound,
        LogLevel.Warning,
        "{Packs} packs of the index are not in the store, or not in full; their blobs are stored again where they "
            + "are needed. Run check"
    )]
    public static partial void PacksUnsound(this ILogger logger, int packs);

    [LoggerMessage(
        EngineEventId.KeyUnusable,
        LogLevel.Warning,
        "{File} cannot be used, and the other keys are tried: {Fault}"
    )]
    public static partial void KeyUnusable(this ILogger logger, string file, string fault);

    [LoggerMessage(
        EngineEventId.InitialisationShared,
        LogLevel.Warning,
        "Another program begins a repository at {Location} at the same moment; waiting for it"
    )]
    public static partial void InitialisationShared(this ILogger logger, string location);

    [LoggerMessage(EngineEventId.LockRefreshed, LogLevel.Debug, "Refreshed lock {LockId}")]
    public static partial void LockRefreshed(this ILogger logger, string lockId);

    [LoggerMessage(
        EngineEventId.LockRefreshFailed,
        LogLevel.Warning,
        "Cannot refresh the lock; trying again in {Delay}"
    )]
    public static partial void LockRefreshFailed(this ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(EngineEventId.LockLost, LogLevel.Error, "The lock is lost: {Reason}")]
    public static partial void LockLost(this ILogger logger, string reason);

    [LoggerMessage(EngineEventId.LockRemoved, LogLevel.Information, "Removed the lock of {Holder}")]
    public static partial void LockRemoved(this ILogger logger, string holder);

    [LoggerMessage(
        EngineEventId.LockNotReleased,
        LogLevel.Warning,
        "Cannot remove our lock {LockId}; it turns stale in 30 minutes"
    )]
    public static partial void LockNotReleased(this ILogger logger, string lockId, Exception exception);

    [LoggerMessage(EngineEventId.LockWaiting, LogLevel.Information, "Waiting {Delay} for the lock of {Holder}")]
    public static partial void LockWaiting(this ILogger logger, TimeSpan delay, string holder);

    [LoggerMessage(
        EngineEventId.LockUnreadable,
        LogLevel.Warning,
        "Cannot read lock {LockId}, trying again in {Delay}: {Error}"
    )]
    public static partial void LockUnreadable(this ILogger logger, string lockId, TimeSpan delay, string error);

    [LoggerMessage(
        EngineEventId.LockUnlisted,
        LogLevel.Warning,
        "Our lock {LockId} is stored but not listed; listing again in {Delay}"
    )]
    public static partial void LockUnlisted(this ILogger logger, string lockId, TimeSpan delay);

    [LoggerMessage(
        EngineEventId.ReadAgain,
        LogLevel.Warning,
        "{File} does not have the hash that is its name; reading it once more"
    )]
    public static partial void ReadAgain(this ILogger logger, string file);

    [LoggerMessage(
        EngineEventId.SnapshotUnfound,
        LogLevel.Warning,
        "Snapshot {SnapshotId} is listed, but the store says that there is no such file; listing and reading once more"
    )]
    public static partial void SnapshotUnfound(this ILogger logger, string snapshotId);

    [LoggerMessage(
        EngineEventId.LeftoversStay,
        LogLevel.Warning,
        "What killed programs left could not be looked for or removed; the next prune tries again: {Error}"
    )]
    public static partial void LeftoversStay(this ILogger logger, string error);

    [LoggerMessage(EngineEventId.SnapshotWithdrawn, LogLevel.Warning, "Snapshot {SnapshotId} is taken back: {Reason}")]
    public static partial void SnapshotWithdrawn(this ILogger logger, string snapshotId, string reason);

    [LoggerMessage(
        EngineEventId.SnapshotNotWithdrawn,
        LogLevel.Error,
        "Snapshot {SnapshotId} may need data that is gone, and could not be taken back; forget it, and run check: "
            + "{Error}"
    )]
    public static partial void SnapshotNotWithdrawn(this ILogger logger, string snapshotId, string error);

    [LoggerMessage(
        EngineEventId.BlobUnreadable,
        LogLevel.Warning,
        "Blob {Blob} cannot be read from pack {Pack}: {Fault}"
    )]
    public static partial void BlobUnreadable(this ILogger logger, string blob, string pack, string fault);

    [LoggerMessage(
        EngineEventId.SnapshotStored,
        LogLevel.Information,
        "Stored snapshot {SnapshotId}: {Bytes} bytes read, {BytesStored} bytes stored"
    )]
    public static partial void SnapshotStored(this ILogger logger, string snapshotId, long bytes, long bytesStored);
}
