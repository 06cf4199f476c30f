using Google.Apis.Http;

namespace Granary.Storage.Gcs;

/// <summary>
/// Has Google's package ask for tokens over a transport of ours, once: a single layer retries, above.
/// </summary>
internal sealed class OneTryFactory(HttpMessageHandler transport) : IHttpClientFactory
{
    public ConfigurableHttpClient CreateHttpClient(CreateHttpClientArgs args)
    {
        var handler = new ConfigurableMessageHandler(transport)
        {
            NumTries = 1,
            FollowRedirect = false,
            ApplicationName = args.ApplicationName,
        };
        var client = new ConfigurableHttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        foreach (
            var initializer in args.Initializers.Where(initializer => initializer is not ExponentialBackOffInitializer)
        )
        {
            initializer.Initialize(client);
        }

        return client;
    }
}
