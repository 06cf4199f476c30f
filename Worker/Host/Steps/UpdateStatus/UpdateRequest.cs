using Granary.Api.Common;

namespace Granary.Worker.Steps.UpdateStatus;

/// <summary>What <c>update-status</c> is asked to do.</summary>
/// <param name="Namespace">Namespace of the session.</param>
/// <param name="Session">The BackupSession; empty for a restore.</param>
/// <param name="InvokerKind">Kind of the invoker; of the restore itself for a restore.</param>
/// <param name="InvokerName">Its name.</param>
/// <param name="Target">The target of this Job.</param>
/// <param name="OutputDirectory">Where the step before left its result.</param>
/// <param name="MetricsEnabled">Whether to push metrics.</param>
/// <param name="PushgatewayUrl">Where to.</param>
/// <param name="MetricLabels">Further <c>k=v</c> labels.</param>
internal sealed record UpdateRequest(
    string Namespace,
    string Session,
    string InvokerKind,
    string InvokerName,
    TargetRef Target,
    string OutputDirectory,
    bool MetricsEnabled,
    string PushgatewayUrl,
    IReadOnlyList<KeyValuePair<string, string>> MetricLabels
);
