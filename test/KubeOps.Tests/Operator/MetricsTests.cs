using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;
using KubeOps.Tests.Cluster;

namespace KubeOps.Tests.Operator;

[Collection(ClusterTests.Name)]
public sealed class MetricsTests(ClusterFixture cluster)
{
    /// <summary>The names and labels are those of the published packages, so that dashboards serve both.</summary>
    [Fact]
    public async Task Reconciliations_queue_and_watches_are_measured()
    {
        var measured = new ConcurrentDictionary<string, string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "measured-operator")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((i, _, tags, _) => Keep(i, tags));
        listener.SetMeasurementEventCallback<double>((i, _, tags, _) => Keep(i, tags));
        listener.SetMeasurementEventCallback<int>((i, _, tags, _) => Keep(i, tags));
        listener.Start();

        var @namespace = await cluster.NamespaceAsync();
        using var client = cluster.Client();
        await using var op = await OperatorUnderTest.StartAsync(cluster, @namespace, settings: o =>
            o.WithName("measured-operator")
        );
        await client.CreateAsync(Widget.Named("a", @namespace), TestContext.Current.CancellationToken);
        await Until.TrueAsync("a reconciliation is measured", () =>
            measured.ContainsKey("kubeops.operator.reconciliation")
        );

        // The first object may have come with the list; one that is made now comes as an event of the watch.
        await client.CreateAsync(Widget.Named("b", @namespace), TestContext.Current.CancellationToken);
        string[] expected =
        [
            "kubeops.operator.queue.depth",
            "kubeops.operator.queue.enqueued",
            "kubeops.operator.watcher.events",
            "kubeops.operator.watcher.silence",
            "kubeops.operator.reconciliation.duration",
        ];
        await Until.TrueAsync("everything is measured", () =>
        {
            listener.RecordObservableInstruments();
            return expected.All(measured.ContainsKey);
        });

        Assert.Equal(
            "kubeops.entity.type=Widget,kubeops.reconciliation.type=added,kubeops.reconciliation.status=success",
            measured["kubeops.operator.reconciliation"]
        );
        Assert.Equal(
            "kubeops.entity.type=Widget,kubeops.trigger.source=api_server",
            measured["kubeops.operator.queue.enqueued"]
        );
        Assert.Matches(
            "^kubeops.entity.type=Widget,kubeops.watcher.event.type=(added|modified|deleted|bookmark)$",
            measured["kubeops.operator.watcher.events"]
        );
        Assert.Matches(
            "^kubeops.entity.type=Widget,kubeops.queue.state=(scheduled|ready)$",
            measured["kubeops.operator.queue.depth"]
        );

        void Keep(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = new List<string>();
            foreach (var (name, value) in tags)
            {
                text.Add($"{name}={value}");
            }

            measured[instrument.Name] = string.Join(',', text);
        }
    }
}
