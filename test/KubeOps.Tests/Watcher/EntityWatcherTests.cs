using System.Collections.Concurrent;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Health;
using KubeOps.Operator.Watcher;
using KubeOps.Tests.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KubeOps.Tests.Watcher;

/// <summary>The watcher on a real server, with a clock that the test moves.</summary>
[Collection(ClusterTests.Name)]
public sealed class EntityWatcherTests(ClusterFixture cluster) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly StreamBreaker _streams = new();
    private readonly NetworkSwitch _network = new();
    private readonly ConcurrentDictionary<string, ReconciliationType> _heard = new();
    private IKubernetesClient _client = null!;
    private string _namespace = string.Empty;
    private WatchLiveness _liveness = null!;
    private Task _loop = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _namespace = await cluster.NamespaceAsync();
        _client = cluster.Client(_network, _streams);
        _liveness = new WatchLiveness(_time);
        var watcher = new EntityWatcher<Widget>(
            new ResourceStream<Widget>(_client, _namespace, null, null),
            new KnownObjects<Widget>(ReconcileStrategy.ByGeneration),
            (widget, type) =>
            {
                _heard[widget.Metadata.Name] = type;
                return Task.CompletedTask;
            },
            new WatcherContext("test", _liveness, null, _time, new Random(1), NullLogger.Instance)
        );
        _loop = watcher.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _client.Dispose();
        _stop.Dispose();
    }

    /// <summary>
    /// KubeOps issues 482 and 763: a connection that died without a word kept the operator deaf for ever.
    /// </summary>
    [Fact]
    public async Task A_stream_that_outlives_its_time_is_given_up_and_opened_again()
    {
        await HearAsync("before");

        _time.Advance(ResourceStream<Widget>.Patience);
        Assert.True(_liveness.LongestSilence >= ResourceStream<Widget>.Patience);
        await Until.TrueAsync("it is taken for dead", () => _liveness.Watches.All(w => !w.IsConnected));
        await AdvanceUntilAsync(() => _streams.Asked == 2);

        await HearAsync("after");
        Assert.InRange(_liveness.LongestSilence, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(1, _streams.Lists);
    }

    /// <summary>KubeOps issue 824: every reconnection left something behind.</summary>
    [Fact]
    public async Task Reconnections_leave_no_stream_open()
    {
        for (var round = 1; round <= 10; round++)
        {
            await AdvanceUntilAsync(() => _streams.Asked == round);
            await HearAsync($"round-{round}");
            _streams.BreakAll();
            await Until.TrueAsync("it is broken", () => _liveness.Watches.All(w => !w.IsConnected));
        }

        Assert.Equal(0, _streams.Open);
    }

    [Fact]
    public async Task A_request_that_nobody_answers_is_given_up()
    {
        await HearAsync("before");

        _network.Cut();
        _streams.BreakAll();
        await Until.TrueAsync("it is broken", () => _liveness.Watches.All(w => !w.IsConnected));
        await AdvanceUntilAsync(() => _network.Held == 1);
        _network.Restore();

        await AdvanceUntilAsync(() => _streams.Asked == 2);
        await HearAsync("after");
    }

    /// <summary>
    /// Makes an object and waits until the watcher tells of it: then it reads its stream, whatever was opened before.
    /// </summary>
    private async Task HearAsync(string name)
    {
        await Until.TrueAsync("a stream is open", () => _streams.Watches == _streams.Asked && _streams.Asked > 0);
        using var client = cluster.Client();
        await client.CreateAsync(Widget.Named(name, _namespace), TestContext.Current.CancellationToken);
        await Until.TrueAsync($"{name} is heard of", () => _heard.ContainsKey(name));
    }

    /// <summary>
    /// Moves the clock in small steps, since the loop asks for its delays one after the other. The condition is a
    /// request that was sent: the clock must not move on while it is under way, or a slow machine's answer comes too
    /// late.
    /// </summary>
    private async Task AdvanceUntilAsync(Func<bool> condition) => await Until.TrueAsync("time has passed", () =>
        {
            if (condition())
            {
                return true;
            }

            _time.Advance(TimeSpan.FromSeconds(1));
            return false;
        });
}
