namespace Granary.Engine;

/// <summary>
/// Ids of the engine's log messages, in order. An id stays for ever; a message that goes takes its id with it.
/// </summary>
internal static class EngineEventId
{
    public const int Initialised = 2000;
    public const int InitialisationFinished = 2001;
    public const int IndexLoaded = 2002;
    public const int IndexSaved = 2003;
    public const int PacksUnsound = 2004;
    public const int ConfigKept = 2005;
    public const int KeyUnusable = 2006;
    public const int InitialisationShared = 2007;
    public const int LockRefreshed = 2010;
    public const int LockRefreshFailed = 2011;
    public const int LockLost = 2012;
    public const int LockRemoved = 2013;
    public const int LockNotReleased = 2014;
    public const int LockWaiting = 2015;
    public const int LockUnreadable = 2016;
    public const int LockUnlisted = 2017;
    public const int ReadAgain = 2020;
    public const int BlobUnreadable = 2021;
    public const int SnapshotUnfound = 2022;
    public const int LeftoversStay = 2023;
    public const int SnapshotWithdrawn = 2024;
    public const int SnapshotNotWithdrawn = 2025;
    public const int SnapshotStored = 2030;
}
