using System.Text.Json.Nodes;
using Granary.TestSupport;
using Granary.TestSupport.Databases;

namespace Granary.EndToEnd.Tests;

/// <summary>A Repository that the administrators of one namespace share with another.</summary>
public sealed class SharedRepositoryTests(StageFixture fixture) : StageTest(fixture)
{
    private const string InvokerNamespaceLabel = "stash.appscode.com/invoker-namespace";

    [Fact]
    public async Task A_tenant_backs_up_into_it_and_restores_while_its_status_is_written_at_home()
    {
        Manifests store = await NamespaceAsync("e2e-shared-store");
        Manifests tenant = (await NamespaceAsync("e2e-shared-tenant")) with { RepositoryNamespace = store.Namespace };
        await Kubectl.ApplyAsync(store.Storage(Stage.S3));
        await OpenAsync(store);
        await Kubectl.ApplyAsync(tenant.Database("sample-postgres", Stage.Source.Password));
        await Kubectl.ApplyAsync(tenant.Database("restored-postgres", Stage.Target.Password));
        await Kubectl.ApplyAsync(tenant.Backup());
        await WaitForPhaseAsync("backupconfiguration", tenant.Namespace, "backup", "Ready");

        JsonNode session = await BackUpAsync(tenant, "first");

        await AssertPhaseAsync("Succeeded", session);
        JsonNode status = (await Kubectl.GetAsync("repository.stash.appscode.com", "repo", store.Namespace))![
            "status"
        ]!;
        Assert.True((bool)status["integrity"]!);
        Assert.Equal(1, (long)status["snapshotCount"]!);
        Assert.NotNull(status["lastBackupTime"]);
        Assert.Equal(MainJobTests.SnapshotOf(session)["name"]!.ToString(), Assert.Single(await SnapshotsAsync(store)));
        await NothingLeftAsync(store);

        // Another configuration that keeps one snapshot: the first one's stays.
        await Kubectl.ApplyAsync(
            Second(tenant.Backup()).Replace("keepLast: 5", "keepLast: 1", StringComparison.Ordinal)
        );
        await WaitForPhaseAsync("backupconfiguration", tenant.Namespace, "second", "Ready");
        await Kubectl.ApplyAsync(Second(tenant.Session("of-second")));
        await AssertPhaseAsync(
            "Succeeded",
            await Sessions.EndAsync(Kubectl, "backupsession", tenant.Namespace, "of-second", Patience)
        );
        Assert.Equal(2, (await SnapshotsAsync(store)).Count);

        await EmptyTargetAsync();
        await AssertPhaseAsync("Succeeded", await RestoreAsync(tenant, "restore"));
        Assert.Empty(
            ServerComparison.Differences(
                SourceFacts,
                await ServerComparison.DescribeAsync(Stage.Target, TestContext.Current.CancellationToken)
            )
        );
        await NothingLeftAsync(store);
    }

    private static string Second(string yaml) =>
        yaml.Replace("name: backup,", "name: second,", StringComparison.Ordinal)
            .Replace("name: backup}", "name: second}", StringComparison.Ordinal);

    private Task OpenAsync(Manifests store) =>
        Kubectl.RunAsync(
            "patch",
            "repository.stash.appscode.com",
            "repo",
            "-n",
            store.Namespace,
            "--type=merge",
            "-p",
            """{"spec":{"usagePolicy":{"allowedNamespaces":{"from":"All"}}}}"""
        );

    /// <summary>No right of the tenant's Jobs, and no Job of the Repository's own.</summary>
    private Task NothingLeftAsync(Manifests store) =>
        Eventually.TrueAsync(
            "the rights and Jobs in the Repository's namespace to go",
            async () =>
                (await Kubectl.ListAsync("jobs", store.Namespace)).Count == 0
                && (await Kubectl.ListAsync("roles", store.Namespace)).All(role => !IsTenants(role))
                && (await Kubectl.ListAsync("rolebindings", store.Namespace)).All(binding => !IsTenants(binding)),
            Patience,
            TestContext.Current.CancellationToken
        );

    private static bool IsTenants(JsonNode one) => one["metadata"]?["labels"]?[InvokerNamespaceLabel] is not null;
}
