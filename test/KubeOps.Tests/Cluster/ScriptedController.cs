using System.Collections.Concurrent;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using R = KubeOps.Abstractions.Reconciliation.ReconciliationResult<KubeOps.Tests.Cluster.Widget>;

namespace KubeOps.Tests.Cluster;

/// <summary>What a test lets the operator do, and what it saw the operator do.</summary>
public sealed class Script
{
    private readonly ConcurrentQueue<(string What, Widget Widget)> _calls = new();

    public Func<Widget, CancellationToken, Task<R>> OnReconcile { get; set; } =
        (widget, _) => Task.FromResult(R.Success(widget));

    public Func<Widget, CancellationToken, Task<R>> OnFinalize { get; set; } =
        (widget, _) => Task.FromResult(R.Success(widget));

    public IReadOnlyList<Widget> Reconciled(string name) => Calls("reconcile", name);

    public IReadOnlyList<Widget> Deleted(string name) => Calls("deleted", name);

    public IReadOnlyList<Widget> Finalized(string name) => Calls("finalize", name);

    public void Record(string what, Widget widget) => _calls.Enqueue((what, widget));

    private List<Widget> Calls(string what, string name) =>
        [.. _calls.Where(call => call.What == what && call.Widget.Metadata.Name == name).Select(call => call.Widget)];
}

public sealed class ScriptedController(Script script) : IEntityController<Widget>
{
    public Task<R> ReconcileAsync(Widget entity, CancellationToken cancellationToken)
    {
        script.Record("reconcile", entity);
        return script.OnReconcile(entity, cancellationToken);
    }

    public Task<R> DeletedAsync(Widget entity, CancellationToken cancellationToken)
    {
        script.Record("deleted", entity);
        return Task.FromResult(R.Success(entity));
    }
}

public sealed class ScriptedFinalizer(Script script) : IEntityFinalizer<Widget>
{
    public const string Identifier = "kubeops.test/scriptedfinalizer";

    public Task<R> FinalizeAsync(Widget entity, CancellationToken cancellationToken)
    {
        script.Record("finalize", entity);
        return script.OnFinalize(entity, cancellationToken);
    }
}
