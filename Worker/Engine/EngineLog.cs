using Microsoft.Extensions.Logging;

namespace Granary.Engine;

/// <summary>Everything the engine says. Event ids 2000 to 2999.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(
        2000,
        LogLevel.Information,
        "Initialised repository {RepositoryId}, version {Version}, at {Location}"
    )]
    public static partial void Initialised(ILogger logger, string repositoryId, int version, string location);

    [LoggerMessage(2001, LogLevel.Warning, "Finished the interrupted initialisation of the repository at {Location}")]
    public static partial void InitialisationFinished(ILogger logger, string location);

    [LoggerMessage(
        2005,
        LogLevel.Information,
        "The old config is kept in {File} until the new one is stored; without a config nobody can open the repository"
    )]
    public static partial void ConfigKept(ILogger logger, string file);

    [LoggerMessage(2002, LogLevel.Debug, "Loaded {IndexFiles} index files: {Blobs} blobs in {Packs} packs")]
    public static partial void IndexLoaded(ILogger logger, int indexFiles, int blobs, int packs);

    [LoggerMessage(2003, LogLevel.Debug, "Saved index {IndexId}: {Blobs} blobs in {Packs} packs")]
    public static partial void IndexSaved(ILogger logger, string indexId, int blobs, int packs);

    [LoggerMessage(
        2004,
        LogLevel.Warning,
        "{Packs} packs of the index are not in the store, or not in full; their blobs are stored again where they "
            + "are needed. Run check"
    )]
    public static partial void PacksUnsound(ILogger logger, int packs);

    [LoggerMessage(2006, LogLevel.Warning, "{File} cannot be used, and the other keys are tried: {Fault}")]
    public static partial void KeyUnusable(ILogger logger, string file, string fault);

    [LoggerMessage(
        2007,
        LogLevel.Warning,
        "Another program begins a repository at {Location} at the same moment; waiting for it"
    )]
    public static partial void InitialisationShared(ILogger logger, string location);

    [LoggerMessage(2010, LogLevel.Debug, "Refreshed lock {LockId}")]
    public static partial void LockRefreshed(ILogger logger, string lockId);

    [LoggerMessage(2011, LogLevel.Warning, "Cannot refresh the lock; trying again in {Delay}")]
    public static partial void LockRefreshFailed(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(2012, LogLevel.Error, "The lock is lost: {Reason}")]
    public static partial void LockLost(ILogger logger, string reason);

    [LoggerMessage(2013, LogLevel.Information, "Removed the lock of {Holder}")]
    public static partial void LockRemoved(ILogger logger, string holder);

    [LoggerMessage(2014, LogLevel.Warning, "Cannot remove our lock {LockId}; it turns stale in 30 minutes")]
    public static partial void LockNotReleased(ILogger logger, string lockId, Exception exception);

    [LoggerMessage(2015, LogLevel.Information, "Waiting {Delay} for the lock of {Holder}")]
    public static partial void LockWaiting(ILogger logger, TimeSpan delay, string holder);

    [LoggerMessage(2016, LogLevel.Warning, "Cannot read lock {LockId}, trying again in {Delay}: {Error}")]
    public static partial void LockUnreadable(ILogger logger, string lockId, TimeSpan delay, string error);

    [LoggerMessage(2017, LogLevel.Warning, "Our lock {LockId} is stored but not listed; listing again in {Delay}")]
    public static partial void LockUnlisted(ILogger logger, string lockId, TimeSpan delay);

    [LoggerMessage(2020, LogLevel.Warning, "{File} does not have the hash that is its name; reading it once more")]
    public static partial void ReadAgain(ILogger logger, string file);

    [LoggerMessage(
        2022,
        LogLevel.Warning,
        "Snapshot {SnapshotId} is listed, but the store says that there is no such file; listing and reading once more"
    )]
    public static partial void SnapshotUnfound(ILogger logger, string snapshotId);

    [LoggerMessage(
        2023,
        LogLevel.Warning,
        "What killed programs left could not be looked for or removed; the next prune tries again: {Error}"
    )]
    public static partial void LeftoversStay(ILogger logger, string error);

    [LoggerMessage(2024, LogLevel.Warning, "Snapshot {SnapshotId} is taken back: {Reason}")]
    public static partial void SnapshotWithdrawn(ILogger logger, string snapshotId, string reason);

    [LoggerMessage(
        2025,
        LogLevel.Error,
        "Snapshot {SnapshotId} may need data that is gone, and could not be taken back; forget it, and run check: "
            + "{Error}"
    )]
    public static partial void SnapshotNotWithdrawn(ILogger logger, string snapshotId, string error);

    [LoggerMessage(2021, LogLevel.Warning, "Blob {Blob} cannot be read from pack {Pack}: {Fault}")]
    public static partial void BlobUnreadable(ILogger logger, string blob, string pack, string fault);

    [LoggerMessage(
        2030,
        LogLevel.Information,
        "Stored snapshot {SnapshotId}: {Bytes} bytes read, {BytesStored} bytes stored"
    )]
    public static partial void SnapshotStored(ILogger logger, string snapshotId, long bytes, long bytesStored);
}
