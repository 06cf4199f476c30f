using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;
using KubeOps.Tests.Cluster;

namespace KubeOps.Tests.Operator;

[Collection(ClusterTests.Name)]
public sealed class WatchingTests(ClusterFixture cluster) : IAsyncLifetime
{
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
    public async Task What_exists_and_what_comes_and_what_goes_reaches_the_controller()
    {
        await _client.CreateAsync(Widget.Named("before", _namespace), Token);
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace);
        await Until.TrueAsync("the old one is reconciled", () => op.Script.Reconciled("before").Count == 1);

        var later = await _client.CreateAsync(Widget.Named("later", _namespace, "red"), Token);
        await Until.TrueAsync("the new one is reconciled", () => op.Script.Reconciled("later").Count == 1);
        later.Spec.Color = "blue";
        await _client.UpdateAsync(later, Token);
        await Until.TrueAsync("the change is reconciled", () => op.Script.Reconciled("later").Count == 2);
        await _client.DeleteAsync(later, Token);
        await Until.TrueAsync("the end is told", () => op.Script.Deleted("later").Count == 1);

        Assert.Equal("blue", op.Script.Deleted("later")[0].Spec.Color);
        Assert.Single(op.Script.Reconciled("before"));
    }

    [Fact]
    public async Task A_status_update_does_not_reconcile()
    {
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace);
        var widget = await _client.CreateAsync(Widget.Named("a", _namespace), Token);
        await Until.TrueAsync("it is reconciled", () => op.Script.Reconciled("a").Count == 1);

        widget.Status.Phase = "Ready";
        await _client.UpdateStatusAsync(widget, Token);
        await _client.CreateAsync(Widget.Named("marker", _namespace), Token);
        await Until.TrueAsync("the marker is reconciled", () => op.Script.Reconciled("marker").Count == 1);

        Assert.Single(op.Script.Reconciled("a"));
    }

    /// <summary>
    /// KubeOps issues 482, 585, 739, 763 and 793: a watch that broke never came back, or missed what happened.
    /// </summary>
    [Fact]
    public async Task A_broken_watch_continues_where_it_was()
    {
        var breaker = new StreamBreaker();
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace, handlers: breaker);
        await Until.TrueAsync("the watch is open", () => breaker.Watches == 1);
        await _client.CreateAsync(Widget.Named("a", _namespace), Token);
        await Until.TrueAsync("it is reconciled", () => op.Script.Reconciled("a").Count == 1);

        breaker.BreakAll();
        await _client.CreateAsync(Widget.Named("b", _namespace), Token);
        await Until.TrueAsync("what came meanwhile is reconciled", () => op.Script.Reconciled("b").Count == 1);

        Assert.Single(op.Script.Reconciled("a"));
        Assert.Equal(1, breaker.Lists);
        Assert.Equal(2, breaker.Watches);
    }

    /// <summary>
    /// KubeOps has no list-and-diff: a deletion while it is disconnected never reaches the controller.
    /// </summary>
    [Fact]
    public async Task A_deletion_behind_the_operators_back_is_noticed_after_410()
    {
        var network = new NetworkSwitch();
        var breaker = new StreamBreaker();
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace, handlers: [network, breaker]);
        await Until.TrueAsync("the watch is open", () => breaker.Watches == 1);
        var gone = await _client.CreateAsync(Widget.Named("gone", _namespace), Token);
        await _client.CreateAsync(Widget.Named("stays", _namespace), Token);
        await Until.TrueAsync("both are reconciled", () =>
            op.Script.Reconciled("gone").Count + op.Script.Reconciled("stays").Count == 2
        );

        network.Cut();
        breaker.BreakAll();
        await _client.DeleteAsync(gone, Token);
        await _client.CreateAsync(Widget.Named("new", _namespace), Token);
        cluster.Server.ForgetHistory("widgets.kubeops.test");
        network.Restore();
        breaker.BreakAll();

        await Until.TrueAsync("the deletion is told", () => op.Script.Deleted("gone").Count == 1);
        await Until.TrueAsync("the new one is reconciled", () => op.Script.Reconciled("new").Count == 1);
        Assert.Single(op.Script.Reconciled("stays"));
    }

    [Fact]
    public async Task Liveness_tells_of_every_watch()
    {
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace);

        await Until.TrueAsync("the watch is connected", () => op.Liveness.Watches.Any(watch => watch.IsConnected));

        Assert.Equal("ScriptedController/Widget", Assert.Single(op.Liveness.Watches).Name);
        Assert.InRange(op.Liveness.LongestSilence, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_label_selector_limits_what_is_seen()
    {
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace, parts: b =>
            b.AddControllerWithLabelSelector<GoldController, Widget, GoldSelector>()
        );
        var gold = Widget.Named("gold", _namespace);
        gold.SetLabel("tier", "gold");
        await _client.CreateAsync(gold, Token);
        await _client.CreateAsync(Widget.Named("lead", _namespace), Token);

        await Until.TrueAsync("the plain controller sees both", () => op.Script.Reconciled("lead").Count == 1);
        await Until.TrueAsync("the gold one is seen twice", () => op.Script.Reconciled("gold").Count == 2);
        Assert.Single(op.Script.Reconciled("lead"));
    }

    [Fact]
    public void The_same_controller_twice_is_refused()
    {
        var builder = KubeOps.Operator.ServiceCollectionExtensions.AddKubernetesOperator(new ServiceCollection());
        builder.AddController<ScriptedController, Widget>();

        Assert.Throws<InvalidOperationException>(() => builder.AddController<ScriptedController, Widget>());
    }
}
