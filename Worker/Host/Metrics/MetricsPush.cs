using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Worker.Cluster;
using Granary.Worker.Steps.UpdateStatus;

namespace Granary.Worker.Metrics;

/// <summary>
/// Pushes the series of one session. A failure is logged and answered, never thrown: metrics fail no backup (D6).
/// </summary>
internal sealed class MetricsPush
{
    private readonly WorkerServices _services;
    private readonly UpdateRequest _request;
    private readonly Pushgateway _gateway;

    public MetricsPush(WorkerServices services, UpdateRequest request, Invoker invoker)
    {
        _services = services;
        _request = request;
        _gateway = new Pushgateway(services.Http, request.PushgatewayUrl);
        Labels = new MetricLabels(
            request.InvokerKind,
            request.InvokerName,
            request.Namespace,
            invoker.Driver,
            invoker.Repository?.Name ?? "",
            request.MetricLabels
        );
    }

    /// <summary>Whether there is anything to push to.</summary>
    public bool IsEnabled => _request.MetricsEnabled && _gateway.IsConfigured;

    /// <summary>Makes labels.</summary>
    public MetricLabels Labels { get; }

    /// <summary>The AppBinding behind a target; null when it is something else, is gone, or may not be read.</summary>
    public async Task<AppBinding?> FindAsync(TargetRef target, CancellationToken cancellationToken)
    {
        if (target.Kind != Kinds.AppBinding || target.Name is not { Length: > 0 } name)
        {
            return null;
        }

        try
        {
            return await _services.Cluster.FindAsync<AppBinding>(
                target.NamespaceOr(_request.Namespace),
                name,
                cancellationToken
            );
        }
        catch (StepFailedException)
        {
            return null;
        }
    }

    /// <summary>Pushes.</summary>
    /// <returns>Null when it worked or there was nothing to do, else why not.</returns>
    public async Task<string?> PushAsync(Exposition series, CancellationToken cancellationToken)
    {
        if (!IsEnabled || series.IsEmpty)
        {
            return null;
        }

        var job = ObjectNames.MetricsJob(_request.InvokerKind, _request.Namespace, _request.InvokerName);
        var failure = await _gateway.PushAsync(job, series, cancellationToken);
        if (failure is not null)
        {
            _services.Log.MetricsNotPushed(failure);
        }

        return failure;
    }
}
