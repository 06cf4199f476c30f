using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Events;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.KubernetesClient;
using KubeOps.Tests.Cluster;
using R = KubeOps.Abstractions.Reconciliation.ReconciliationResult<KubeOps.Tests.Cluster.Widget>;

namespace KubeOps.Tests.Operator;

[Collection(ClusterTests.Name)]
public sealed class RequeueTests(ClusterFixture cluster) : IAsyncLifetime
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

    /// <summary>
    /// KubeOps issues 554 and 707: the status update of a reconciliation dropped the requeue that it asked for.
    /// </summary>
    [Fact]
    public async Task A_requeue_survives_the_status_update_of_its_own_reconciliation()
    {
        var script = new Script();
        script.OnReconcile = async (widget, token) =>
        {
            widget.Status.Phase = $"Round {script.Reconciled(widget.Name()).Count}";
            widget = await _client.UpdateStatusAsync(widget, token);
            return R.Success(widget, TimeSpan.FromMilliseconds(200));
        };
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace, script);
        await _client.CreateAsync(Widget.Named("a", _namespace), Token);

        await Until.TrueAsync("it went round four times", () => script.Reconciled("a").Count >= 4);
    }

    [Fact]
    public async Task A_requeued_object_is_read_again_before_it_is_reconciled()
    {
        var script = new Script
        {
            OnReconcile = (widget, _) => Task.FromResult(R.Success(widget, TimeSpan.FromMilliseconds(300))),
        };
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace, script);
        var widget = await _client.CreateAsync(Widget.Named("a", _namespace), Token);
        await Until.TrueAsync("it is reconciled", () => script.Reconciled("a").Count >= 1);

        widget.Status.Phase = "Fresh";
        await _client.UpdateStatusAsync(widget, Token);

        await Until.TrueAsync("the fresh state is seen", () =>
            script.Reconciled("a").Any(w => w.Status.Phase == "Fresh")
        );
    }

    [Fact]
    public async Task The_injected_queue_reaches_the_only_controller_from_outside()
    {
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace);
        var widget = await _client.CreateAsync(Widget.Named("a", _namespace), Token);
        await Until.TrueAsync("it is reconciled", () => op.Script.Reconciled("a").Count == 1);
        var queue = op.Services.GetRequiredService<EntityQueue<Widget>>();

        var isScheduled = await queue(
            widget,
            ReconciliationType.Modified,
            ReconciliationTriggerSource.Operator,
            TimeSpan.Zero,
            0,
            Token
        );

        Assert.True(isScheduled);
        await Until.TrueAsync("it is reconciled again", () => op.Script.Reconciled("a").Count == 2);
        Assert.False(
            await queue(
                widget,
                ReconciliationType.Modified,
                ReconciliationTriggerSource.Operator,
                default,
                0,
                new CancellationToken(true)
            )
        );
    }

    [Fact]
    public async Task With_two_controllers_the_queue_works_inside_of_a_reconciliation_only()
    {
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace, parts: b =>
            b.AddController<GoldController, Widget>()
        );
        var queue = op.Services.GetRequiredService<EntityQueue<Widget>>();
        var rounds = 0;
        op.Script.OnReconcile = async (widget, token) =>
        {
            if (Interlocked.Increment(ref rounds) == 1)
            {
                await queue(
                    widget,
                    ReconciliationType.Modified,
                    ReconciliationTriggerSource.Operator,
                    TimeSpan.Zero,
                    0,
                    token
                );
            }

            return R.Success(widget);
        };
        await _client.CreateAsync(Widget.Named("a", _namespace), Token);

        await Until.TrueAsync("the running controller is fed", () => rounds == 2);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            queue(
                Widget.Named("a", _namespace),
                ReconciliationType.Modified,
                ReconciliationTriggerSource.Operator,
                default,
                0,
                Token
            )
        );
    }

    [Fact]
    public async Task Events_of_one_meaning_are_one_object_with_a_count()
    {
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace);
        var widget = await _client.CreateAsync(Widget.Named("a", _namespace), Token);
        var publish = op.Services.GetRequiredService<EventPublisher>();

        await publish(widget, "Tested", "It was tested", EventType.Warning, Token);
        await publish(widget, "Tested", "It was tested", EventType.Warning, Token);

        var found = Assert.Single(await _client.ListAsync<Corev1Event>(_namespace, cancellationToken: Token));
        Assert.Equal(2, found.Count);
        Assert.Equal(("Warning", "Tested", "test-operator"), (found.Type, found.Reason, found.Source.Component));
        Assert.Equal((widget.Uid(), "Widget"), (found.InvolvedObject.Uid, found.InvolvedObject.Kind));
        Assert.Equal(128, found.Name().Length);
        Assert.Equal(
            $"{widget.Uid()}.a.{_namespace}.Tested.It was tested.Warning",
            found.GetAnnotation("originalName")
        );
    }

    [Fact]
    public async Task Publishing_never_fails_a_reconciliation()
    {
        await using var op = await OperatorUnderTest.StartAsync(cluster, _namespace);
        var publish = op.Services.GetRequiredService<EventPublisher>();

        await publish(Widget.Named("a", "no-such-namespace"), "Tested", "It was tested", cancellationToken: Token);
    }
}
