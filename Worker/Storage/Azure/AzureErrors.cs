using System.Net;
using Azure;
using Azure.Identity;
using Granary.Storage.Http;

namespace Granary.Storage.Azure;

/// <summary>Turns the SDK's exceptions into ours, in the provider's words and without credentials.</summary>
internal static class AzureErrors
{
    /// <summary>Whether the exception is one to translate; cancellation and our own mistakes are not.</summary>
    public static bool IsTranslated(Exception exception, CancellationToken cancellationToken)
        => !cancellationToken.IsCancellationRequested
            && (exception is RequestFailedException or AuthenticationFailedException or OperationCanceledException
                || HttpFailures.IsNetworkFailure(exception));

    /// <summary>Translates.</summary>
    public static StorageException Translate(Exception exception, string location, FileHandle? handle) => exception switch
    {
        RequestFailedException { Status: > 0 } answer => new StorageException(
            Classify(answer.ErrorCode, (HttpStatusCode)answer.Status), location, handle, Describe(answer), answer),
        AuthenticationFailedException identity when !HttpFailures.IsNetworkFailure(identity) => new StorageException(
            StorageError.AccessDenied, location, handle, FirstLine(identity.Message), identity),
        OperationCanceledException => new StorageException(
            StorageError.Transient, location, handle, "the request was given up", exception),
        _ => new StorageException(
            HttpFailures.Classify(exception), location, handle, FirstLine(HttpFailures.Describe(exception)), exception),
    };

    /// <summary>Classifies by Azure's error code, then by status. Codes with a misleading status come first.</summary>
    public static StorageError Classify(string? code, HttpStatusCode status) => code switch
    {
        "BlobAlreadyExists" or "UnauthorizedBlobOverwrite" => StorageError.AlreadyExists,
        "LeaseIdMissing" or "BlobImmutableDueToPolicy" => StorageError.AccessDenied,
        "Md5Mismatch" or "Crc64Mismatch" or "ContainerBeingDeleted" or "ContainerBeingCreated" => StorageError.Transient,
        _ => HttpFailures.Classify(status),
    };

    // The SDK appends request id, headers and body as further lines.
    internal static string Describe(RequestFailedException answer)
        => $"{answer.ErrorCode}: {FirstLine(answer.Message)} (HTTP {answer.Status})";

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd();
}
