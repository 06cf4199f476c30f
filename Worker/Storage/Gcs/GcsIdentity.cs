using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Granary.Storage.Http;

namespace Granary.Storage.Gcs;

/// <summary>
/// Gets access tokens for the user's or the ambient identity, and keeps them until shortly before they expire.
/// </summary>
/// <param name="serviceAccountKey">The account's key, or null for the ambient identity.</param>
/// <param name="location">For messages.</param>
/// <param name="transport">Sends the questions; disposed with the identity.</param>
internal sealed class GcsIdentity(Secret? serviceAccountKey, string location, HttpMessageHandler transport)
    : IDisposable
{
    private const string Scope = "https://www.googleapis.com/auth/devstorage.read_write";
    private readonly SemaphoreSlim _gate = new(1);
    private ITokenAccess? _credential;

    /// <summary>A token that is good now.</summary>
    /// <exception cref="StorageException">
    /// <see cref="StorageError.AccessDenied"/>: the key is wrong or there is no identity.
    /// </exception>
    public async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _credential ??= await FindAsync(cancellationToken);
            return await _credential.GetAccessTokenForRequestAsync(cancellationToken: cancellationToken);
        }
        catch (TokenResponseException e)
        {
            var passing = e.StatusCode is { } status && HttpFailures.Classify(status) == StorageError.Transient;
            throw new StorageException(
                passing ? StorageError.Transient : StorageError.AccessDenied,
                location,
                null,
                $"{e.Error?.Error}: {e.Error?.ErrorDescription ?? "no token was given"}",
                e
            );
        }
        catch (InvalidOperationException e) when (serviceAccountKey is null)
        {
            throw new StorageException(StorageError.AccessDenied, location, null, e.Message, e);
        }
        catch (Exception e)
            when (e is not (StorageException or OperationCanceledException) && !HttpFailures.IsNetworkFailure(e))
        {
            // The package trips in many ways over answers that are no token: a page, a redirect, an empty body.
            throw new StorageException(
                StorageError.Invalid,
                location,
                null,
                $"the token service's answer was not understood: {e.Message}",
                e
            );
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _gate.Dispose();
        transport.Dispose();
    }

    private async Task<ITokenAccess> FindAsync(CancellationToken cancellationToken) =>
        (await CredentialAsync(cancellationToken))
            .CreateScoped(Scope)
            .CreateWithHttpClientFactory(new OneTryFactory(transport));

    private async Task<GoogleCredential> CredentialAsync(CancellationToken cancellationToken)
    {
        if (serviceAccountKey is null)
        {
            return await GoogleCredential.GetApplicationDefaultAsync(cancellationToken);
        }

        try
        {
            return CredentialFactory
                .FromJson<ServiceAccountCredential>(serviceAccountKey.Reveal())
                .ToGoogleCredential();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The library's message may quote the key, so none of it is passed on.
            throw new StorageException(
                StorageError.AccessDenied,
                location,
                null,
                "the service account's key cannot be read as Google's JSON"
            );
        }
    }
}
