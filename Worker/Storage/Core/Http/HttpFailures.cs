using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Granary.Storage.Http;

/// <summary>What HTTP's and the network's failures mean to a caller.</summary>
public static class HttpFailures
{
    /// <summary>Classifies a status that is not a success, where the protocol says nothing more special.</summary>
    public static StorageError Classify(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired => StorageError.AccessDenied,
        HttpStatusCode.NotFound or HttpStatusCode.Gone => StorageError.NotFound,
        HttpStatusCode.PreconditionFailed => StorageError.AlreadyExists,
        HttpStatusCode.RequestedRangeNotSatisfiable => StorageError.Truncated,
        HttpStatusCode.InsufficientStorage => StorageError.Full,
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 => StorageError.Transient,
        HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported => StorageError.Invalid,
        >= HttpStatusCode.InternalServerError => StorageError.Transient,
        _ => StorageError.Invalid,
    };

    /// <summary>Whether an exception tells of the network or the connection, also inside an SDK's own exception.</summary>
    public static bool IsNetworkFailure(Exception exception) => Innermost<HttpRequestException>(exception) is not null
        || Innermost<IOException>(exception) is not null
        || Innermost<SocketException>(exception) is not null
        || Innermost<TimeoutException>(exception) is not null;

    /// <summary>
    /// Classifies a network failure: one that comes from a certificate that is not trusted stays, all others may pass.
    /// </summary>
    public static StorageError Classify(Exception exception)
        => Innermost<AuthenticationException>(exception) is not null ? StorageError.Invalid : StorageError.Transient;

    /// <summary>The message of the failure and of its cause, which .NET often says only inside.</summary>
    public static string Describe(Exception exception)
    {
        var cause = exception;
        while (cause.InnerException is { } inner and not OperationCanceledException)
        {
            if (inner is TimeoutException)
            {
                break;
            }

            cause = inner;
        }

        return ReferenceEquals(cause, exception) || exception.Message.Contains(cause.Message, StringComparison.Ordinal)
            ? exception.Message
            : $"{exception.Message} ({cause.Message})";
    }

    private static T? Innermost<T>(Exception? exception) where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T wanted)
            {
                return wanted;
            }
        }

        return null;
    }
}
