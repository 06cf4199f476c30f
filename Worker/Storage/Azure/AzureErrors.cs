using System.Net;
using Azure;
using Azure.Identity;
using Granary.Storage.Http;
using Microsoft.Identity.Client;

namespace Granary.Storage.Azure;

/// <summary>Turns the SDK's exceptions into ours, in the provider's words and without credentials.</summary>
internal static class AzureErrors
{
    /// <summary>Whether the exception is one to translate; cancellation and our own mistakes are not.</summary>
    public static bool IsTranslated(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && (
            exception is RequestFailedException or AuthenticationFailedException or OperationCanceledException
            || HttpFailures.IsNetworkFailure(exception)
        );

    /// <summary>Translates.</summary>
    public static StorageException Translate(Exception exception, string location, FileHandle? handle) =>
        exception switch
        {
            RequestFailedException { Status: > 0 } answer => new StorageException(
                Classify(answer.ErrorCode, (HttpStatusCode)answer.Status),
                location,
                handle,
                Describe(answer),
                answer
            ),
            CredentialUnavailableException => new StorageException(
                StorageError.AccessDenied,
                location,
                handle,
                $"neither key nor signature was given, and no identity was found: {FirstLine(exception.Message)}",
                exception
            ),
            AuthenticationFailedException => new StorageException(
                ClassifyIdentity(exception),
                location,
                handle,
                $"no token was given for the identity: {FirstLine(HttpFailures.Describe(Causes(exception).Last()))}",
                exception
            ),
            OperationCanceledException => new StorageException(
                StorageError.Transient,
                location,
                handle,
                "the request was given up",
                exception
            ),
            _ => new StorageException(
                HttpFailures.Classify(exception),
                location,
                handle,
                FirstLine(HttpFailures.Describe(exception)),
                exception
            ),
        };

    /// <summary>Classifies by Azure's error code, then by status. Codes with a misleading status come first.</summary>
    public static StorageError Classify(string? code, HttpStatusCode status) =>
        code switch
        {
            "BlobAlreadyExists" or "UnauthorizedBlobOverwrite" => StorageError.AlreadyExists,
            "LeaseIdMissing" or "BlobImmutableDueToPolicy" => StorageError.AccessDenied,
            "Md5Mismatch" or "Crc64Mismatch" or "ContainerBeingDeleted" or "ContainerBeingCreated" =>
                StorageError.Transient,
            _ => HttpFailures.Classify(status),
        };

    // The packages for identities wrap the token service's answer or the network's failure several times over.
    private static IEnumerable<Exception> Causes(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
            if (cause is MsalServiceException or RequestFailedException)
            {
                yield break;
            }
        }
    }

    // The token service's busy hours pass. Its other refusals are of an identity or a token that it does not accept.
    private static StorageError ClassifyIdentity(Exception exception) =>
        Causes(exception).Last() switch
        {
            MsalServiceException { StatusCode: > 0 } answer => Passing((HttpStatusCode)answer.StatusCode),
            RequestFailedException { Status: > 0 } answer => Passing((HttpStatusCode)answer.Status),
            _ when HttpFailures.IsNetworkFailure(exception) => HttpFailures.Classify(exception),
            OperationCanceledException => StorageError.Transient,
            _ => StorageError.AccessDenied,
        };

    private static StorageError Passing(HttpStatusCode status) =>
        HttpFailures.Classify(status) == StorageError.Transient ? StorageError.Transient : StorageError.AccessDenied;

    // The SDK appends request id, headers and body as further lines.
    internal static string Describe(RequestFailedException answer) =>
        $"{answer.ErrorCode}: {FirstLine(answer.Message)} (HTTP {answer.Status})";

    internal static string FirstLine(string message) => message.Split('\n')[0].TrimEnd();
}
