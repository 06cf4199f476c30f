namespace Granary.Storage.Local;

/// <summary>The meaning of the operating system's errors to a caller. Numbers are Linux's.</summary>
internal static class LocalErrors
{
    /// <summary>The number of an <see cref="IOException"/> that was not made from a system error.</summary>
    public const int NoSystemError = unchecked((int)0x80131620);

    /// <summary>ENOSPC.</summary>
    public const int NoSpace = 28;

    private const int NotPermitted = 1;
    private const int NoAccess = 13;
    private const int TooLarge = 27;
    private const int ReadOnly = 30;
    private const int NameTooLong = 36;
    private const int QuotaExceeded = 122;

    /// <summary>Whether a failure comes from the file system and not from a mistake of ours.</summary>
    public static bool IsFileError(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Classifies it. Errors that are not known to be permanent may pass: network disks come and go.</summary>
    public static StorageError Classify(Exception exception) =>
        exception switch
        {
            FileNotFoundException or DirectoryNotFoundException => StorageError.NotFound,
            UnauthorizedAccessException => StorageError.AccessDenied,
            PathTooLongException => StorageError.Invalid,
            EndOfStreamException => StorageError.Truncated,
            _ => exception.HResult switch
            {
                NotPermitted or NoAccess or ReadOnly => StorageError.AccessDenied,
                NoSpace or QuotaExceeded or TooLarge => StorageError.Full,
                NameTooLong => StorageError.Invalid,
                _ => StorageError.Transient,
            },
        };
}
