using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;

namespace Granary.Storage.Http;

/// <summary>The meaning of HTTP's and the network's failures to a caller.</summary>
public static partial class HttpFailures
{
    /// <summary>Classifies a status that is not a success, where the protocol says nothing more special.</summary>
    public static StorageError Classify(HttpStatusCode status) =>
        status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired =>
                StorageError.AccessDenied,
            HttpStatusCode.NotFound or HttpStatusCode.Gone => StorageError.NotFound,
            HttpStatusCode.PreconditionFailed => StorageError.AlreadyExists,
            HttpStatusCode.RequestedRangeNotSatisfiable => StorageError.Truncated,
            HttpStatusCode.InsufficientStorage => StorageError.Full,
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 =>
                StorageError.Transient,
            HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported => StorageError.Invalid,
            >= HttpStatusCode.InternalServerError => StorageError.Transient,
            _ => StorageError.Invalid,
        };

    /// <summary>
    /// Whether an exception tells of the network or the connection, also inside an SDK's own exception.
    /// </summary>
    public static bool IsNetworkFailure(Exception exception) =>
        Innermost<HttpRequestException>(exception) is not null
        || Innermost<IOException>(exception) is not null
        || Innermost<SocketException>(exception) is not null
        || Innermost<TimeoutException>(exception) is not null;

    /// <summary>
    /// Whether an exception tells that a reply, or an address or header in it, has not the form that it should have.
    /// </summary>
    public static bool IsMalformed(Exception exception) =>
        exception
            is System.Text.Json.JsonException
                or System.Xml.XmlException
                or FormatException
                or InvalidDataException
                or (InvalidOperationException and not ObjectDisposedException);

    /// <summary>
    /// Classifies a network failure: a certificate that is not trusted and a proxy that refuses stay, all others may
    /// pass.
    /// </summary>
    public static StorageError Classify(Exception exception)
    {
        if (Innermost<AuthenticationException>(exception) is not null)
        {
            return StorageError.Invalid;
        }

        // A status here is a proxy's; its words on a file or a bucket are not the store's.
        return Innermost<HttpRequestException>(exception) is not { StatusCode: { } status } ? StorageError.Transient
            : Classify(status) is var error and (StorageError.Transient or StorageError.AccessDenied) ? error
            : StorageError.Invalid;
    }

    /// <summary>
    /// The message of the failure and of its cause, which .NET often says only inside, and the remedy for a certificate
    /// that nobody here trusts. User and password, with which .NET names a proxy, are taken out.
    /// </summary>
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

        var text =
            ReferenceEquals(cause, exception) || exception.Message.Contains(cause.Message, StringComparison.Ordinal)
                ? exception.Message
                : $"{exception.Message.Replace(", see inner exception.", "", StringComparison.Ordinal)} "
                    + $"({cause.Message})";
        var advice = IsOfUnknownAuthority(cause)
            ? "; if it is the store's own, trust it by CA_CERT_DATA in the storage Secret, or by --cacert"
            : "";
        return UserInfo().Replace(text, "://") + advice;
    }

    // .NET tells the kind in words only: the lack of the chain is named as in X509ChainStatusFlags.
    private static bool IsOfUnknownAuthority(Exception cause) =>
        cause is AuthenticationException
        && (
            cause.Message.Contains("UntrustedRoot", StringComparison.Ordinal)
            || cause.Message.Contains("PartialChain", StringComparison.Ordinal)
        );

    [GeneratedRegex(@"://[^/\s']*@", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex UserInfo();

    private static T? Innermost<T>(Exception? exception)
        where T : Exception
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
