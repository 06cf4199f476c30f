using System.Diagnostics.Metrics;
using k8s;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;

namespace KubeOps.Operator.Metrics;

/// <summary>The operator's instruments, on a meter that has its name.</summary>
/// <remarks>
/// Names follow the KubeOps convention; durations are in seconds; every value is tagged with the entity's class name.
/// </remarks>
public sealed class OperatorMetrics : IDisposable
{
    private const string EntityTag = "kubeops.entity.type";
    private readonly Meter _meter;
    private readonly Counter<long> _enqueued;
    private readonly Counter<long> _requeued;
    private readonly Counter<long> _discarded;
    private readonly Counter<long> _reconciliations;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _events;
    private readonly Counter<long> _reconnections;

    /// <summary>Makes the instruments.</summary>
    public OperatorMetrics(OperatorSettings settings)
    {
        _meter = new Meter(settings.Name);
        _enqueued = _meter.CreateCounter<long>(
            "kubeops.operator.queue.enqueued",
            "{items}",
            "Entries put into the queue."
        );
        _requeued = _meter.CreateCounter<long>(
            "kubeops.operator.queue.requeued",
            "{items}",
            "Entries put back, by reason."
        );
        _discarded = _meter.CreateCounter<long>("kubeops.operator.queue.discarded", "{items}", "Entries dropped.");
        _reconciliations = _meter.CreateCounter<long>(
            "kubeops.operator.reconciliation",
            "{reconciliations}",
            "Reconciliations ended."
        );
        _duration = _meter.CreateHistogram<double>(
            "kubeops.operator.reconciliation.duration",
            "s",
            "Time one reconciliation took."
        );
        _events = _meter.CreateCounter<long>("kubeops.operator.watcher.events", "{events}", "Watch events received.");
        _reconnections = _meter.CreateCounter<long>(
            "kubeops.operator.watcher.reconnections",
            "{reconnections}",
            "Watch streams opened again."
        );
    }

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    internal void ObserveQueue(string entity, Func<(int Scheduled, int Ready)> depth) =>
        _meter.CreateObservableGauge(
            "kubeops.operator.queue.depth",
            () =>
            {
                var (scheduled, ready) = depth();
                return (Measurement<int>[])
                    [
                        new(scheduled, Tag(EntityTag, entity), Tag("kubeops.queue.state", "scheduled")),
                        new(ready, Tag(EntityTag, entity), Tag("kubeops.queue.state", "ready")),
                    ];
            },
            "{items}",
            "Entries that wait."
        );

    internal void ObserveWatch(string entity, string controller, Func<TimeSpan> silence) =>
        _meter.CreateObservableGauge(
            "kubeops.operator.watcher.silence",
            () =>
                new Measurement<double>(silence().TotalSeconds, Tag(EntityTag, entity), Tag("controller", controller)),
            "s",
            "Time since the API server last said something on the watch; grows without bound when the watch is dead."
        );

    internal void Enqueued(string entity, ReconciliationTriggerSource trigger) =>
        _enqueued.Add(
            1,
            Tag(EntityTag, entity),
            Tag("kubeops.trigger.source", trigger == ReconciliationTriggerSource.ApiServer ? "api_server" : "operator")
        );

    internal void Requeued(string entity, string reason) =>
        _requeued.Add(1, Tag(EntityTag, entity), Tag("kubeops.requeue.reason", reason));

    internal void Discarded(string entity) => _discarded.Add(1, Tag(EntityTag, entity));

    internal void WatchEvent(string entity, WatchEventType type) =>
        _events.Add(1, Tag(EntityTag, entity), Tag("kubeops.watcher.event.type", Lower(type)));

    internal void Reconnected(string entity) => _reconnections.Add(1, Tag(EntityTag, entity));

    internal void Reconciled(
        string entity,
        ReconciliationType type,
        TimeSpan duration,
        bool isSuccess,
        Exception? error
    )
    {
        var tags = new System.Diagnostics.TagList
        {
            { EntityTag, entity },
            { "kubeops.reconciliation.type", Lower(type) },
            { "kubeops.reconciliation.status", isSuccess ? "success" : "failure" },
        };
        if (error is not null)
        {
            tags.Add("error.type", error.GetType().FullName);
        }

        _reconciliations.Add(1, tags);
        _duration.Record(duration.TotalSeconds, tags);
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
