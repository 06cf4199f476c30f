using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;
using KubeOps.Tests.Cluster;
using R = KubeOps.Abstractions.Reconciliation.ReconciliationResult<KubeOps.Tests.Cluster.Widget>;

namespace KubeOps.Tests.Operator;

[Collection(ClusterTests.Name)]
public sealed class FinalizerTests(ClusterFixture cluster) : IAsyncLifetime
{
    private const string Foreign = "example.com/foreign";
    private IKubernetesClient _client = null!;
    private string _namespace = string.Empty;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _client = cluster.Client();
        _namespace = await cluster.NamespaceAsync();
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task It_is_attached_before_the_first_reconciliation_and_detached_after_its_work()
    {
        await using var op = await StartAsync();
        var widget = await _client.CreateAsync(Widget.Named("a", _namespace), Token);
        await Until.TrueAsync("it is reconciled", () => op.Script.Reconciled("a").Count == 1);
        Assert.Equal([ScriptedFinalizer.Identifier], op.Script.Reconciled("a")[0].Metadata.Finalizers);

        await _client.DeleteAsync(widget, Token);

        await Until.TrueAsync("it is gone", async () => await _client.GetAsync<Widget>("a", _namespace, Token) is null);
        Assert.Single(op.Script.Finalized("a"));
        await Until.TrueAsync("the end is told", () => op.Script.Deleted("a").Count == 1);
    }

    /// <summary>KubeOps issue 1001: a PUT of the typed object loses every field that the class lacks.</summary>
    [Fact]
    public async Task Attaching_loses_no_field_that_the_class_does_not_know()
    {
        await using var op = await StartAsync();
        await _client.ApiClient.CustomObjects.CreateNamespacedCustomObjectAsync(
            new Dictionary<string, object>
            {
                ["apiVersion"] = "kubeops.test/v1",
                ["kind"] = "Widget",
                ["metadata"] = new Dictionary<string, object> { ["name"] = "a" },
                ["spec"] = new Dictionary<string, object> { ["unknown"] = "precious" },
            },
            "kubeops.test",
            "v1",
            _namespace,
            "widgets",
            cancellationToken: Token
        );
        await Until.TrueAsync("it is reconciled", () => op.Script.Reconciled("a").Count == 1);

        var stored = await _client.ApiClient.CustomObjects.GetNamespacedCustomObjectAsync<System.Text.Json.JsonElement>(
            "kubeops.test",
            "v1",
            _namespace,
            "widgets",
            "a",
            Token
        );

        Assert.Equal("precious", stored.GetProperty("spec").GetProperty("unknown").GetString());
        Assert.Equal(
            ScriptedFinalizer.Identifier,
            stored.GetProperty("metadata").GetProperty("finalizers")[0].GetString()
        );
    }

    [Fact]
    public async Task It_is_found_behind_a_finalizer_of_somebody_else()
    {
        await using var op = await StartAsync();
        var widget = Widget.Named("a", _namespace);
        widget.Metadata.Finalizers = [Foreign];
        await _client.CreateAsync(widget, Token);
        await Until.TrueAsync("it is reconciled", () => op.Script.Reconciled("a").Count == 1);

        await _client.DeleteAsync<Widget>("a", _namespace, Token);

        await Until.TrueAsync("ours is off", async () =>
            (await _client.GetAsync<Widget>("a", _namespace, Token))?.Metadata.Finalizers is [Foreign]
        );
        Assert.Single(op.Script.Finalized("a"));
    }

    [Fact]
    public async Task It_survives_that_the_object_changes_while_it_works()
    {
        var script = new Script();
        script.OnFinalize = async (widget, token) =>
        {
            await _client.PatchAsync<Widget>(
                new V1Patch("""{"metadata":{"labels":{"touched":"yes"}}}""", V1Patch.PatchType.MergePatch),
                widget.Name(),
                widget.Namespace(),
                cancellationToken: token
            );
            return R.Success(widget);
        };
        await using var op = await StartAsync(script);
        await _client.CreateAsync(Widget.Named("a", _namespace), Token);
        await Until.TrueAsync("it is reconciled", () => op.Script.Reconciled("a").Count == 1);

        await _client.DeleteAsync<Widget>("a", _namespace, Token);

        await Until.TrueAsync("it is gone", async () => await _client.GetAsync<Widget>("a", _namespace, Token) is null);
    }

    [Fact]
    public async Task A_failure_keeps_it_and_is_tried_again_without_being_told_when()
    {
        var attempts = 0;
        var script = new Script
        {
            OnFinalize = (widget, _) =>
                Task.FromResult(
                    Interlocked.Increment(ref attempts) < 3 ? R.Failure(widget, "not yet") : R.Success(widget)
                ),
        };
        await using var op = await StartAsync(script);
        await _client.CreateAsync(Widget.Named("a", _namespace), Token);
        await Until.TrueAsync("it is reconciled", () => op.Script.Reconciled("a").Count == 1);

        await _client.DeleteAsync<Widget>("a", _namespace, Token);

        await Until.TrueAsync("it is gone", async () => await _client.GetAsync<Widget>("a", _namespace, Token) is null);
        Assert.Equal(3, attempts);
    }

    private Task<OperatorUnderTest> StartAsync(Script? script = null) =>
        OperatorUnderTest.StartAsync(
            cluster,
            _namespace,
            script,
            o => o.WithParallelReconciliation(p => p.WithErrorBackoffBase(TimeSpan.FromMilliseconds(50))),
            b => b.AddFinalizer<ScriptedFinalizer, Widget>(ScriptedFinalizer.Identifier)
        );
}
