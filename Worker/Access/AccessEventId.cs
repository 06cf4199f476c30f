namespace Granary.Access;

/// <summary>
/// Ids of the way to a repository's log messages, in order. An id stays for ever; a message that goes takes its id with
/// it.
/// </summary>
internal static class AccessEventId
{
    public const int StorageRetry = 3010;
}
