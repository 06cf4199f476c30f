using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Metrics;

namespace Granary.Worker.Metrics;

/// <summary>
/// Pushes the series of one session. A failure is logged and answered, never thrown: metrics fail no backup (D6).
/// </summary>
/// <param name="services">The parts of the program.</param>
/// <param name="request">Whether to push, and where to.</param>
/// <param name="labels">Labels of the session's series.</param>
internal sealed class MetricsPush(WorkerServices services, MetricsRequest request, MetricLabels labels)
{
    /// <summary>Longer than the operator waits: nobody but this step waits for the answer.</summary>
    private static readonly TimeSpan PushTimeout = TimeSpan.FromSeconds(15);

    private readonly Pushgateway _gateway = new(services.Http, request.PushgatewayUrl, PushTimeout);

    /// <summary>Whether there is anything to push to.</summary>
    public bool IsEnabled => request.IsEnabled && _gateway.IsConfigured;

    /// <summary>Makes labels.</summary>
    public MetricLabels Labels => labels;

    /// <summary>The AppBinding behind a target; null when it is something else, is gone, or may not be read.</summary>
    public async Task<AppBinding?> FindAsync(TargetRef target, CancellationToken cancellationToken)
    {
        if (target.Kind != Kinds.AppBinding || target.Name is not { Length: > 0 } name)
        {
            return null;
        }

        try
        {
            return await services.Cluster.FindAsync<AppBinding>(
                target.NamespaceOr(labels.Namespace),
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

        var failure = await _gateway.PushAsync(labels.Group, series, cancellationToken);
        if (failure is not null)
        {
            services.Log.MetricsNotPushed(failure);
        }

        return failure;
    }
}
