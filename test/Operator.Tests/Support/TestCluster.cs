using Granary.Api.Stash.V1Beta1;
using Granary.DevCluster.Api;
using Granary.TestSupport;
using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Operator.Tests.Support;

/// <summary>
/// An API server in this process with our definitions and the real catalog. Nothing acts on objects but the test.
/// </summary>
public sealed class TestCluster : IAsyncLifetime
{
    /// <summary>The server's clock and the operator's; only a test moves it.</summary>
    internal FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    internal ApiServer Server { get; private set; } = null!; // Set before any test runs.

    internal IKubernetesClient Client { get; private set; } = null!; // As above.

    public async ValueTask InitializeAsync()
    {
        // The operator's own log would drown the test's words.
        Environment.SetEnvironmentVariable("Logging__LogLevel__Default", "None");
        Server = await ApiServer.StartAsync(new ApiServerOptions { Clock = Clock });
        Client = NewClient();
        foreach (var definition in Load<V1CustomResourceDefinition>("config/crd", V1CustomResourceDefinition.KubeKind))
        {
            await Client.CreateAsync(definition);
        }

        await Eventually.TrueAsync("the definitions to be served", async () =>
            (await Client.ListAsync<V1CustomResourceDefinition>()).All(one =>
                one.Status?.Conditions?.Any(condition => condition is { Type: "Established", Status: "True" }) == true
            )
        );
        foreach (var function in Load<Api.Stash.V1Beta1.Function>("config/catalog", "Function"))
        {
            await Client.CreateAsync(function);
        }

        foreach (var task in Load<StashTask>("config/catalog", "Task"))
        {
            await Client.CreateAsync(task);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }

    internal IKubernetesClient NewClient(DelegatingHandler? handler = null)
    {
        var configuration = Server.CreateClientConfiguration();
        var api = handler is null ? new Kubernetes(configuration) : new Kubernetes(configuration, handler);
        return new KubeOps.KubernetesClient.KubernetesClient(configuration, api);
    }

    /// <summary>The objects of one kind in the YAML files of a folder of this repository.</summary>
    internal static IEnumerable<T> Load<T>(string folder, string kind)
    {
        foreach (
            var file in Directory
                .GetFiles(Path.Combine(RepositoryRoot.Path, folder), "*.yaml")
                .Order(StringComparer.Ordinal)
        )
        {
            foreach (var document in File.ReadAllText(file).Split("\n---"))
            {
                if (document.Contains($"\nkind: {kind}\n", StringComparison.Ordinal))
                {
                    yield return KubernetesYaml.Deserialize<T>(document);
                }
            }
        }
    }
}

/// <summary>Tests that share one API server; each works in a namespace of its own.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<TestCluster>
{
    public const string Name = "cluster";
}
