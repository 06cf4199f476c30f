using k8s.Models;
using KubeOps.Abstractions.Crds;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Crds;
using KubeOps.Tests.Cluster;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeOps.Tests.Operator;

[Collection(ClusterTests.Name)]
public sealed class CrdInstallerTests(ClusterFixture cluster)
{
    private const string Name = "showns.kubeops.test";

    [Fact]
    public async Task Definitions_are_created_kept_overwritten_and_deleted_as_the_settings_say()
    {
        var token = TestContext.Current.CancellationToken;
        using var client = cluster.Client();

        await Installer(client, "first", new CrdInstallerSettings()).StartAsync(token);
        Assert.Equal("first", await ShortNameAsync(client));
        await Installer(client, "second", new CrdInstallerSettings()).StartAsync(token);
        Assert.Equal("first", await ShortNameAsync(client));
        var last = Installer(
            client,
            "third",
            new CrdInstallerSettings { OverwriteExisting = true, DeleteOnShutdown = true }
        );
        await last.StartAsync(token);
        Assert.Equal("third", await ShortNameAsync(client));
        await last.StopAsync(token);

        await Until.TrueAsync("it is gone", async () =>
            await client.GetAsync<V1CustomResourceDefinition>(Name, cancellationToken: token) is null
        );
    }

    private static async Task<string?> ShortNameAsync(IKubernetesClient client) =>
        (
            await client.GetAsync<V1CustomResourceDefinition>(
                Name,
                cancellationToken: TestContext.Current.CancellationToken
            )
        )
            ?.Spec
            .Names
            .ShortNames[0];

    private static CrdInstaller Installer(IKubernetesClient client, string shortName, CrdInstallerSettings settings) =>
        new(new Factory(shortName), client, settings, NullLogger<CrdInstaller>.Instance);

    private sealed class Factory(string shortName) : ICrdResourceFactory
    {
        public IEnumerable<V1CustomResourceDefinition> CreateCustomResourceDefinitions(
            IReadOnlyCollection<Type> entityTypes
        )
        {
            var definition = Transpiler.Transpiled.Definition(typeof(Transpiler.DefinitionTests.Shown));
            definition.Spec.Names.ShortNames = [shortName];
            return [definition];
        }
    }
}
