using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;

namespace KubeOps.Tests.Cluster;

/// <summary>A second controller, for widgets of one label.</summary>
public sealed class GoldController(Script script) : IEntityController<Widget>
{
    public Task<ReconciliationResult<Widget>> ReconcileAsync(Widget entity, CancellationToken cancellationToken)
    {
        script.Record("reconcile", entity);
        return Task.FromResult(ReconciliationResult<Widget>.Success(entity));
    }

    public Task<ReconciliationResult<Widget>> DeletedAsync(Widget entity, CancellationToken cancellationToken) =>
        Task.FromResult(ReconciliationResult<Widget>.Success(entity));
}

public sealed class GoldSelector : IEntityLabelSelector<Widget>
{
    public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new("tier=gold");
}
