using System.Net;
using Amazon.Runtime;
using Granary.Storage.Http;

namespace Granary.Storage.S3;

/// <summary>Turns the SDK's exceptions into ours, in the provider's words and without credentials.</summary>
internal sealed class S3Errors(string location, IReadOnlyList<Secret> secrets)
{
    /// <summary>Whether the exception is one to translate; cancellation and our own mistakes are not.</summary>
    public static bool IsTranslated(Exception exception, CancellationToken cancellationToken)
        => !cancellationToken.IsCancellationRequested
            && (exception is AmazonClientException or AmazonServiceException or OperationCanceledException
                || HttpFailures.IsNetworkFailure(exception));

    /// <summary>Translates.</summary>
    public StorageException Translate(Exception exception, FileHandle? handle) => exception switch
    {
        AmazonServiceException answer when (int)answer.StatusCode != 0 => new StorageException(
            Classify(answer.ErrorCode, answer.StatusCode), location, handle, Redact(Describe(answer)), answer),
        _ when HttpFailures.IsNetworkFailure(exception) => new StorageException(
            HttpFailures.Classify(exception), location, handle, Redact(HttpFailures.Describe(exception)), exception),
        OperationCanceledException => new StorageException(
            StorageError.Transient, location, handle, "the request was given up", exception),
        // What is left are identities that cannot be had: no variable, no role, no token file.
        _ => new StorageException(StorageError.AccessDenied, location, handle, Redact(HttpFailures.Describe(exception)), exception),
    };

    /// <summary>Classifies by S3's error code, then by status. Codes with a misleading status come first.</summary>
    public static StorageError Classify(string? code, HttpStatusCode status) => code switch
    {
        "RequestTimeout" or "IncompleteBody" or "BadDigest" or "XAmzContentSHA256Mismatch" => StorageError.Transient,
        "OperationAborted" or "ConditionalRequestConflict" or "SlowDown" or "Throttling" or "ThrottlingException" => StorageError.Transient,
        "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired" => StorageError.AccessDenied,
        "QuotaExceeded" or "XMinioStorageFull" or "InsufficientStorage" => StorageError.Full,
        "InvalidRange" => StorageError.Truncated,
        _ => HttpFailures.Classify(status),
    };

    private static string Describe(AmazonServiceException answer)
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
