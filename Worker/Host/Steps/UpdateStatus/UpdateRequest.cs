using Granary.Api.Common;
using Granary.Metrics;
using Granary.Worker.Cluster;
using Granary.Worker.Metrics;

namespace Granary.Worker.Steps.UpdateStatus;

/// <summary>What <c>update-status</c> is asked to do.</summary>
/// <param name="Namespace">Namespace of the session.</param>
/// <param name="Session">The BackupSession; empty for a restore.</param>
/// <param name="InvokerKind">Kind of the invoker; of the restore itself for a restore.</param>
/// <param name="InvokerName">Its name.</param>
/// <param name="Target">The target of this Job.</param>
/// <param name="OutputDirectory">Where the step before left its result.</param>
/// <param name="Metrics">What to push.</param>
internal sealed record UpdateRequest(
    string Namespace,
    string Session,
    string InvokerKind,
    string InvokerName,
    TargetRef Target,
    string OutputDirectory,
    MetricsRequest Metrics
)
{
    /// <summary>Labels of the series about an invoker.</summary>
    public MetricLabels LabelsOf(Invoker invoker) =>
        new(InvokerKind, InvokerName, Namespace, invoker.Driver, invoker.Repository?.Name ?? "", Metrics.ExtraLabels);
}
