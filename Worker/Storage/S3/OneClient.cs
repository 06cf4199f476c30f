using Amazon.Runtime;

namespace Granary.Storage.S3;

/// <summary>Has the SDK send everything over a transport of ours.</summary>
internal sealed class OneClient(HttpClient transport) : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => transport;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
}
