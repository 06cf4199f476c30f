using System.Net;
using Amazon.Runtime;
using Granary.Storage.Http;

namespace Granary.Storage.S3;

/// <summary>Turns the SDK's exceptions into ours, in the provider's words and without credentials.</summary>
internal sealed class S3Errors(string location, IReadOnlyList<Secret> secrets)
{
    /// <summary>The backend's location, for messages.</summary>
    public string Location => location;

    /// <summary>Whether the exception is one to translate; cancellation and our own mistakes are not.</summary>
    public static bool IsTranslated(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && (
            exception is AmazonClientException or AmazonServiceException or OperationCanceledException
            || HttpFailures.IsNetworkFailure(exception)
        );

    /// <summary>Translates.</summary>
    public StorageException Translate(Exception exception, FileHandle? handle) =>
        exception switch
        {
            AmazonServiceException answer when (int)answer.StatusCode != 0 => new StorageException(
                Classify(answer.ErrorCode, answer.StatusCode),
                location,
                handle,
                Describe(answer),
                answer
            ),
            // The token of a web identity: a Pod has it from its start, or never.
            _ when exception.GetBaseException()
                    is FileNotFoundException
                        or DirectoryNotFoundException
                        or UnauthorizedAccessException => new StorageException(
                StorageError.AccessDenied,
                location,
                handle,
                Redact(HttpFailures.Describe(exception)),
                exception
            ),
            _ when HttpFailures.IsNetworkFailure(exception) => new StorageException(
                HttpFailures.Classify(exception),
                location,
                handle,
                Redact(HttpFailures.Describe(exception)),
                exception
            ),
            OperationCanceledException => new StorageException(
                StorageError.Transient,
                location,
                handle,
                "the request was given up",
                exception
            ),
            _ when Refusal(exception) is { } refusal => new StorageException(
                ClassifyIdentity(refusal),
                location,
                handle,
                $"no keys were given for the identity: {Describe(refusal)}",
                exception
            ),
            // The rest are identities that cannot be had: no variable, no role, no token file.
            _ => new StorageException(
                StorageError.AccessDenied,
                location,
                handle,
                Redact(HttpFailures.Describe(exception)),
                exception
            ),
        };

    // The token service's busy hours pass. Its other refusals are of a role or a token that it does not accept.
    private static StorageError ClassifyIdentity(AmazonServiceException refusal) =>
        refusal.ErrorCode == "IDPCommunicationError"
        || Classify(refusal.ErrorCode, refusal.StatusCode) == StorageError.Transient
            ? StorageError.Transient
            : StorageError.AccessDenied;

    // The SDK wraps the token service's answer into an exception that says only that there are no keys.
    private static AmazonServiceException? Refusal(Exception exception)
    {
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is AmazonServiceException refusal && (int)refusal.StatusCode != 0)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>Translates a reply that the SDK did not understand.</summary>
    public StorageException Malformed(Exception exception, FileHandle? handle) =>
        new(
            StorageError.Invalid,
            location,
            handle,
            Redact($"the reply was not understood: {exception.Message}"),
            exception
        );

    /// <summary>Classifies by S3's error code, then by status. Codes with a misleading status come first.</summary>
    public static StorageError Classify(string? code, HttpStatusCode status) =>
        code switch
        {
            "RequestTimeout" or "IncompleteBody" or "BadDigest" or "XAmzContentSHA256Mismatch" =>
                StorageError.Transient,
            "OperationAborted" or "ConditionalRequestConflict" or "SlowDown" or "Throttling" or "ThrottlingException" =>
                StorageError.Transient,
            "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired" => StorageError.AccessDenied,
            "QuotaExceeded" or "XMinioStorageFull" or "InsufficientStorage" => StorageError.Full,
            "InvalidRange" => StorageError.Truncated,
            _ => HttpFailures.Classify(status),
        };

    /// <summary>A store's answer, in its words and without credentials.</summary>
    public string Describe(AmazonServiceException answer) => Redact(Words(answer));

    private static string Words(AmazonServiceException answer)
    {
        // A reply to HEAD has no body; the SDK then makes up three sentences that say only this.
        var words = answer.Message.StartsWith("Error making request with Error Code", StringComparison.Ordinal)
            ? "no further explanation"
            : answer.Message;
        var request = string.IsNullOrEmpty(answer.RequestId) ? "" : $", request {answer.RequestId}";
        return $"{answer.ErrorCode}: {words} (HTTP {(int)answer.StatusCode}{request})";
    }

    private string Redact(string message)
    {
        foreach (var secret in secrets)
        {
            message = message.Replace(secret.Reveal(), secret.ToString(), StringComparison.Ordinal);
        }

        return message;
    }
}
