using Granary.DevCluster.Api;
using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Crds;

namespace KubeOps.Tests.Cluster;

/// <summary>
/// A real API server in this process, with the definition of <see cref="Widget" />; every test takes a namespace.
/// </summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private int _namespaces;
    private ApiServer? _server;

    public ApiServer Server => _server ?? throw new InvalidOperationException("The server has not started.");

    public async ValueTask InitializeAsync()
    {
        _server = await ApiServer.StartAsync(new ApiServerOptions(), TestContext.Current.CancellationToken);
        using var client = Client();
        foreach (var definition in new KubeOpsCrdResourceFactory().CreateCustomResourceDefinitions([typeof(Widget)]))
        {
            await client.CreateAsync(definition);
        }

        await Until.TrueAsync("widgets are served", async () => await client.ListAsync<Widget>() is not null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    public IKubernetesClient Client(params DelegatingHandler[] handlers)
    {
        var configuration = Server.CreateClientConfiguration();
        return new KubernetesClient.KubernetesClient(configuration, new Kubernetes(configuration, handlers));
    }

    /// <summary>A namespace that nobody else uses.</summary>
    public async Task<string> NamespaceAsync()
    {
        using var client = Client();
        var name = $"test-{Interlocked.Increment(ref _namespaces)}";
        await client.CreateAsync(
            new V1Namespace
            {
                ApiVersion = "v1",
                Kind = "Namespace",
                Metadata = new V1ObjectMeta { Name = name },
            }
        );
        return name;
    }
}

/// <summary>One server for all tests that need one: its start costs more than a namespace.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterTests : ICollectionFixture<ClusterFixture>
{
    public const string Name = "cluster";
}
