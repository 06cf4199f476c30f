using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;

namespace Granary.Storage.Azure;

/// <summary>Builds the SDK's client: our transport, no retries, the user's or the ambient identity.</summary>
internal static class AzureClient
{
    /// <exception cref="StorageException">Address, key or signature cannot work.</exception>
    public static BlobContainerClient Create(AzureOptions options, string location, HttpClient transport)
    {
        var address = AddressOf(options, location);
        var configuration = Quiet(new BlobClientOptions(), transport);
        if (options.SasToken is { } signature)
        {
            return new BlobContainerClient(
                address,
                new AzureSasCredential(signature.Reveal().TrimStart('?')),
                configuration
            );
        }

        return options.AccountKey is { } key
            ? new BlobContainerClient(address, SharedKey(options.AccountName, key, location), configuration)
            : new BlobContainerClient(address, Ambient(transport), configuration);
    }

    private static Uri AddressOf(AzureOptions options, string location)
    {
        var account = options.Endpoint ?? $"https://{options.AccountName}.blob.{options.EndpointSuffix}";
        return
            Uri.TryCreate(
                $"{account.TrimEnd('/')}/{Uri.EscapeDataString(options.Container)}",
                UriKind.Absolute,
                out var address
            ) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : throw new StorageException(
                StorageError.Invalid,
                location,
                null,
                "account name, suffix and container do not make an address"
            );
    }

    private static StorageSharedKeyCredential SharedKey(string account, Secret key, string location)
    {
        try
        {
            return new StorageSharedKeyCredential(account, key.Reveal().Trim());
        }
        catch (FormatException)
        {
            // The inner exception is left out: it is about the key's characters.
            throw new StorageException(StorageError.AccessDenied, location, null, "the account key is not base64");
        }
    }

    // The identities that a Pod can have. The default chain would also try the identities on developers' machines.
    private static ChainedTokenCredential Ambient(HttpClient transport) =>
        new(
            new EnvironmentCredential(Quiet(new EnvironmentCredentialOptions(), transport)),
            new WorkloadIdentityCredential(Quiet(new WorkloadIdentityCredentialOptions(), transport)),
            new ManagedIdentityCredential(Quiet(new ManagedIdentityCredentialOptions(), transport))
        );

    private static T Quiet<T>(T options, HttpClient transport)
        where T : ClientOptions
    {
        options.Transport = new HttpClientTransport(transport);
        options.Retry.MaxRetries = 0;
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        return options;
    }
}
