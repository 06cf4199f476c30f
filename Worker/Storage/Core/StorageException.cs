namespace Granary.Storage;

/// <summary>Why a storage operation failed.</summary>
public enum StorageError
{
    /// <summary>A passing fault: a time-out, a lost connection, a busy server. Trying again may help.</summary>
    Transient,

    /// <summary>There is no such file, bucket or container.</summary>
    NotFound,

    /// <summary>The name is taken.</summary>
    AlreadyExists,

    /// <summary>The credentials are missing, wrong, expired or not allowed to do this.</summary>
    AccessDenied,

    /// <summary>The file ends before the range that was asked for.</summary>
    Truncated,

    /// <summary>The store is full or over its quota.</summary>
    Full,

    /// <summary>The request or the configuration can never work.</summary>
    Invalid,
}

/// <summary>
/// A storage operation failed. The message names the location, the file and the provider's own words.
/// </summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates an exception that names the failure, its place, and the provider's answer.</summary>
    /// <param name="error">The kind of failure.</param>
    /// <param name="location">The backend's <see cref="IBackend.Location"/>.</param>
    /// <param name="handle">The file, or null for an operation on the whole store.</param>
    /// <param name="message">The provider's message, without credentials.</param>
    /// <param name="innerException">The provider's exception.</param>
    public StorageException(
        StorageError error,
        string location,
        FileHandle? handle,
        string message,
        Exception? innerException = null
    )
        : base(handle is { } file ? $"{location}: {file}: {message}" : $"{location}: {message}", innerException)
    {
        Error = error;
        Location = location;
        Handle = handle;
    }

    /// <summary>The kind of failure.</summary>
    public StorageError Error { get; }

    /// <summary>Where it happened.</summary>
    public string Location { get; }

    /// <summary>Which file, or null for the whole store.</summary>
    public FileHandle? Handle { get; }

    /// <summary>Whether trying the same operation again can help.</summary>
    public bool IsTransient => Error == StorageError.Transient;
}
