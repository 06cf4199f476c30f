using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Tests.Support;
using k8s.Autorest;
using k8s.Models;

namespace Granary.Operator.Tests.Tenancy;

/// <summary>A reference that is a path leads nowhere: not past the schema, and not out of the operator.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ReferencesAreNamesTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Path =
        "../../../../apis/stash.appscode.com/v1beta1/namespaces/team-a/backupconfigurations"
        + "?watch=true&timeoutSeconds=3600&x=";

    private readonly FaultyApi _api = new();
    private Bench _bench = null!; // Set before each test.

    public async ValueTask InitializeAsync() => _bench = await Bench.StartAsync(cluster, faults: _api);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task The_schema_refuses_a_namespace_that_is_a_path()
    {
        var configuration = Make.Configuration();
        configuration.Spec.Repository!.Namespace = Path;

        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => _bench.CreateAsync(configuration));

        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, refusal.Response.StatusCode);
        Assert.Contains("spec.repository.namespace", refusal.Response.Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("repository.namespace")]
    [InlineData("repository.name")]
    [InlineData("target.ref.namespace")]
    [InlineData("target.ref.name")]
    [InlineData("task.name")]
    public async Task With_validation_switched_off_no_request_leaves_with_it(string field)
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Configuration());
        await _bench.ReconcileConfigurationAsync();

        // As it would be in a cluster whose definitions are older, and without the webhook.
        var configuration = await _bench.GetAsync<BackupConfiguration>("pg-backup");
        Set(configuration, field);
        await _bench.ReconcileAsync(configuration);

        Assert.DoesNotContain(_api.Requests, request => IsStray(request.Address));
        var stored = await _bench.GetAsync<BackupConfiguration>("pg-backup");
        Assert.NotEqual(InvokerPhase.Ready, stored.Status.Phase);
    }

    [Fact]
    public async Task The_finalizer_of_such_an_object_finishes()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Configuration());
        var configuration = await _bench.GetAsync<BackupConfiguration>("pg-backup");
        Set(configuration, "repository.namespace");

        await _bench.FinalizeAsync(configuration, Finalizers.Invoker);

        Assert.DoesNotContain(_api.Requests, request => IsStray(request.Address));
    }

    [Fact]
    public async Task A_session_whose_invoker_is_a_path_asks_for_nothing()
    {
        await _bench.CreateAsync(Make.Session());
        var session = await _bench.GetAsync<BackupSession>("pg-backup-1");
        session.Spec.Invoker!.Name = Path;

        await _bench.ReconcileAsync(session);

        Assert.DoesNotContain(_api.Requests, request => IsStray(request.Address));
    }

    [Fact]
    public async Task The_client_takes_no_way_out_of_its_path()
    {
        var client = cluster.NewClient(_api);

        Assert.Null(await client.GetAsync<V1Secret>("../../default/secrets/x", "demo"));
        Assert.Null(await client.GetAsync<V1Secret>("x", "../default"));
        Assert.Null(await client.GetAsync<V1Secret>("..", "demo"));
        await client.DeleteAsync<V1Secret>("../../default/secrets/x", "demo");
        await Assert.ThrowsAsync<ArgumentException>(() => client.ListAsync<V1Secret>("../default"));

        Assert.Empty(_api.Requests);
    }

    [Fact]
    public async Task A_name_with_a_colon_is_found_under_its_own_name()
    {
        await cluster.Client.CreateAsync(
            new V1ClusterRole
            {
                Metadata = new V1ObjectMeta { Name = "names:with a space" },
                Rules = [],
            }
        );

        Assert.NotNull(await cluster.Client.GetAsync<V1ClusterRole>("names:with a space"));
    }

    private static void Set(BackupConfiguration configuration, string field)
    {
        var spec = configuration.Spec;
        switch (field)
        {
            case "repository.namespace":
                spec.Repository!.Namespace = Path;
                break;
            case "repository.name":
                spec.Repository!.Name = Path;
                break;
            case "target.ref.namespace":
                spec.Target!.Ref!.Namespace = Path;
                break;
            case "target.ref.name":
                spec.Target!.Ref!.Name = Path;
                break;
            default:
                spec.Task = new TaskRef { Name = Path };
                break;
        }
    }

    private bool IsStray(Uri address) =>
        address.ToString().Contains("team-a", StringComparison.Ordinal)
        || address.Query.Contains("timeoutSeconds", StringComparison.Ordinal);
}
