using System.Collections.Concurrent;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Exceptions;
using KubeOps.Operator.Health;
using KubeOps.Operator.LeaderElection;
using KubeOps.Tests.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using R = KubeOps.Abstractions.Reconciliation.ReconciliationResult<KubeOps.Tests.Cluster.Widget>;

namespace KubeOps.Tests.Operator;

[Collection(ClusterTests.Name)]
public sealed class LeaderElectionTests(ClusterFixture cluster) : IAsyncLifetime
{
    private static readonly OperatorSettings Settings = new()
    {
        Name = "elected",
        LeaderElectionType = LeaderElectionType.Single,
        LeaderElectionLeaseDuration = TimeSpan.FromSeconds(6),
        LeaderElectionRenewDeadline = TimeSpan.FromSeconds(2),
        LeaderElectionRetryPeriod = TimeSpan.FromMilliseconds(100),
    };

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<LeaderElector> _electors = [];
    private string _namespace = string.Empty;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _namespace = await cluster.NamespaceAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var elector in _electors)
        {
            await elector.StopAsync(CancellationToken.None);
            elector.Dispose();
        }
    }

    [Fact]
    public async Task One_leads_and_the_other_waits_until_the_lease_is_released()
    {
        var first = await ContendAsync("first");
        var term = await first.JoinAsync(Token);
        var second = await ContendAsync("second");
        var waiting = second.JoinAsync(Token);

        term.Leave();
        await first.StopAsync(Token);
        (await waiting.WaitAsync(Patience, Token)).Leave();

        Assert.True(term.Token.IsCancellationRequested);
        using var client = cluster.Client();
        var lease = await client.GetAsync<V1Lease>("elected-leader", _namespace, Token);
        Assert.Equal("second", lease!.Spec.HolderIdentity);
    }

    /// <summary>KubeOps issue 784: an operator that lost its network went on, or never came back.</summary>
    [Fact]
    public async Task Who_loses_the_network_stops_before_another_leads_and_contends_again_later()
    {
        var network = new NetworkSwitch();
        var first = await ContendAsync("first", network);
        var old = await first.JoinAsync(Token);
        var second = await ContendAsync("second");
        var waiting = second.JoinAsync(Token);
        // Looked at in the moment itself: until the test learns of it, the other may lead already.
        var ledBefore = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var ending = old.Token.Register(() => ledBefore.TrySetResult(waiting.IsCompleted));

        network.Cut();
        Assert.False(await ledBefore.Task.WaitAsync(Patience, Token));
        old.Leave();

        var next = await waiting.WaitAsync(Patience, Token);
        network.Restore();
        next.Leave();
        await second.StopAsync(Token);
        (await first.JoinAsync(Token).WaitAsync(Patience, Token)).Leave();
    }

    [Fact]
    public async Task Nobody_contends_again_while_work_of_the_lost_term_is_running()
    {
        var network = new NetworkSwitch();
        var elector = await ContendAsync("first", network);
        var term = await elector.JoinAsync(Token);
        network.Cut();
        await Until.TrueAsync("the term ended", () => term.Token.IsCancellationRequested);
        network.Restore();

        var again = elector.JoinAsync(Token);
        Assert.NotSame(again, await Task.WhenAny(again, Task.Delay(Settings.LeaderElectionRetryPeriod * 5, Token)));
        term.Leave();

        (await again.WaitAsync(Patience, Token)).Leave();
    }

    [Fact]
    public async Task A_lost_lease_cancels_the_reconciliation_that_runs_and_the_next_term_starts_over()
    {
        var network = new NetworkSwitch();
        var outcomes = new ConcurrentQueue<string>();
        var script = new Script
        {
            OnReconcile = async (widget, token) =>
            {
                if (outcomes.IsEmpty)
                {
                    outcomes.Enqueue("started");
                    await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    outcomes.Enqueue("cancelled");
                    token.ThrowIfCancellationRequested();
                }

                outcomes.Enqueue("done");
                return R.Success(widget);
            },
        };
        using var client = cluster.Client();
        await client.CreateAsync(Widget.Named("a", _namespace), Token);
        await using var op = await OperatorUnderTest.StartAsync(
            cluster,
            _namespace,
            script,
            o =>
                o.WithLeaderElection(LeaderElectionType.Single)
                    .WithLeaderElectionTimings(
                        Settings.LeaderElectionLeaseDuration,
                        Settings.LeaderElectionRenewDeadline,
                        Settings.LeaderElectionRetryPeriod
                    ),
            handlers: network
        );
        await Until.TrueAsync("it runs", () => outcomes.Contains("started"));

        network.Cut();
        await Until.TrueAsync("it is cancelled", () => outcomes.Contains("cancelled"));
        network.Restore();

        await Until.TrueAsync("it is done in the next term", () => outcomes.Contains("done"));
    }

    [Fact]
    public void A_deadline_that_lasts_as_long_as_the_lease_is_refused()
    {
        using var client = cluster.Client();

        Assert.Throws<OperatorConfigurationException>(() =>
            new LeaderElector(
                client,
                Settings with
                {
                    LeaderElectionRenewDeadline = Settings.LeaderElectionLeaseDuration,
                },
                new LeaseContention(TimeProvider.System),
                TimeProvider.System,
                NullLogger<LeaderElector>.Instance
            )
        );
    }

    private async Task<LeaderElector> ContendAsync(string identity, params DelegatingHandler[] handlers)
    {
        var configuration = cluster.Server.CreateClientConfiguration();
        configuration.Namespace = _namespace;
        var client = new KubernetesClient.KubernetesClient(configuration, new k8s.Kubernetes(configuration, handlers));
        var elector = new LeaderElector(
            client,
            Settings,
            new LeaseContention(TimeProvider.System),
            TimeProvider.System,
            NullLogger<LeaderElector>.Instance,
            identity
        );
        _electors.Add(elector);
        await elector.StartAsync(Token);
        return elector;
    }
}
