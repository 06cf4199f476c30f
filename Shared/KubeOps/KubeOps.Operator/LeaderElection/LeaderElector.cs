using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Health;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.LeaderElection;

/// <summary>Contends for one Lease, for ever, and gives out terms while it holds it.</summary>
/// <remarks>
/// A term ends by a timer, one renew deadline after the last renewal was <em>sent</em>, not by the renewing loop:
/// neither a request that hangs nor a process that was suspended can make it last until another contender may take the
/// Lease, which is one lease duration after that renewal. The process contends again only after all work of the old
/// term has ended.
/// </remarks>
internal sealed class LeaderElector : BackgroundService, ILeadership
{
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(30);

    private readonly IKubernetesClient _client;
    private readonly OperatorSettings _settings;
    private readonly LeaseContention _contention;
    private readonly TimeProvider _time;
    private readonly ILogger<LeaderElector> _logger;
    private readonly string _identity;
    private readonly Lock _lock = new();
    private TaskCompletionSource<LeadershipTerm> _current = NewSource();

    public LeaderElector(
        IKubernetesClient client,
        OperatorSettings settings,
        LeaseContention contention,
        TimeProvider time,
        ILogger<LeaderElector> logger
    )
        : this(
            client,
            settings,
            contention,
            time,
            logger,
            Environment.GetEnvironmentVariable("POD_NAME") ?? Environment.MachineName
        ) { }

    internal LeaderElector(
        IKubernetesClient client,
        OperatorSettings settings,
        LeaseContention contention,
        TimeProvider time,
        ILogger<LeaderElector> logger,
        string identity
    )
    {
        if (settings.LeaderElectionRenewDeadline >= settings.LeaderElectionLeaseDuration)
        {
            throw new Exceptions.OperatorConfigurationException(
                "The renew deadline must be shorter than the lease duration, or two replicas could lead at once."
            );
        }

        _client = client;
        _settings = settings;
        _contention = contention;
        _time = time;
        _logger = logger;
        _identity = identity;
    }

    private string LeaseName => $"{_settings.Name}-leader";

    /// <inheritdoc />
    public async Task<LeadershipTerm> JoinAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<LeadershipTerm> current;
            lock (_lock)
            {
                current = _current.Task;
            }

            var term = await current.WaitAsync(cancellationToken);
            if (term.TryJoin())
            {
                return term;
            }

            // The term ended in this moment and is replaced soon.
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LeaseRecord? lease = null;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                lease ??= await LeaseAsync(stoppingToken);
                var sent = _time.GetTimestamp();
                if (await TryHoldAsync(lease, stoppingToken, stoppingToken))
                {
                    await LeadAsync(lease, sent, stoppingToken);
                }
                else if (lease.Holder is { } holder)
                {
                    _logger.Following(LeaseName, holder);
                }

                await Task.Delay(_settings.LeaderElectionRetryPeriod, _time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        finally
        {
            _contention.Stopped();
        }
    }

    private static TaskCompletionSource<LeadershipTerm> NewSource() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<LeaseRecord> LeaseAsync(CancellationToken cancellationToken)
    {
        var @namespace = await _client.GetCurrentNamespaceAsync(cancellationToken: cancellationToken);
        return new LeaseRecord(_client, @namespace, LeaseName, _identity, _settings.LeaderElectionLeaseDuration, _time);
    }

    /// <summary>Leads until the term ends, and releases the Lease if the process stops in order.</summary>
    private async Task LeadAsync(LeaseRecord lease, long sent, CancellationToken stoppingToken)
    {
        var term = new LeadershipTerm();
        var remaining = _settings.LeaderElectionRenewDeadline - _time.GetElapsedTime(sent);
        if (remaining <= TimeSpan.Zero)
        {
            return;
        }

        using (var deadline = _time.CreateTimer(_ => term.End(), null, remaining, Timeout.InfiniteTimeSpan))
        {
            _logger.Leading(_identity, LeaseName);
            Publish(term);
            await RenewAsync(lease, term, deadline, stoppingToken);
        }

        Withdraw();
        term.End();
        if (stoppingToken.IsCancellationRequested)
        {
            await ReleaseAsync(lease, term);
            return;
        }

        _logger.LeadershipLost(_identity, LeaseName);
        await DrainAsync(term, stoppingToken);
    }

    private async Task RenewAsync(
        LeaseRecord lease,
        LeadershipTerm term,
        ITimer deadline,
        CancellationToken stoppingToken
    )
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, term.Token);
        try
        {
            while (!either.IsCancellationRequested)
            {
                await Task.Delay(_settings.LeaderElectionRetryPeriod, _time, either.Token);
                var sent = _time.GetTimestamp();
                if (await TryHoldAsync(lease, stoppingToken, either.Token))
                {
                    var remaining = _settings.LeaderElectionRenewDeadline - _time.GetElapsedTime(sent);
                    if (remaining > TimeSpan.Zero)
                    {
                        deadline.Change(remaining, Timeout.InfiniteTimeSpan);
                    }
                }
                else if (lease.Holder is not null && lease.Holder != _identity)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The term or the process ends.
        }
    }

    /// <summary>One attempt, bounded in time. Failures of the network are answered with false.</summary>
    private async Task<bool> TryHoldAsync(
        LeaseRecord lease,
        CancellationToken stoppingToken,
        CancellationToken cancellationToken
    )
    {
        _contention.Tried();
        using var bound = new CancellationTokenSource(_settings.LeaderElectionRenewDeadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, bound.Token);
        try
        {
            return await lease.TryHoldAsync(either.Token);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            _logger.LeaseRequestFailed(e, LeaseName);
            return false;
        }
    }

    private async Task DrainAsync(LeadershipTerm term, CancellationToken stoppingToken)
    {
        while (!term.Drained.IsCompleted)
        {
            try
            {
                await term.Drained.WaitAsync(DrainPatience, _time, stoppingToken);
            }
            catch (TimeoutException)
            {
                // Someone ignores its token. Leading again now would run its old work beside the new.
                _logger.TermNotDrained(DrainPatience.TotalSeconds);
            }
        }
    }

    private async Task ReleaseAsync(LeaseRecord lease, LeadershipTerm term)
    {
        if (!term.Drained.IsCompleted)
        {
            // Work is still running: the Lease must keep others away until it expires.
            return;
        }

        try
        {
            using var bound = new CancellationTokenSource(_settings.LeaderElectionRenewDeadline, _time);
            await lease.ReleaseAsync(bound.Token);
            _logger.LeadershipReleased(_identity, LeaseName);
        }
        catch (Exception e)
        {
            _logger.LeaseRequestFailed(e, LeaseName);
        }
    }

    private void Publish(LeadershipTerm term)
    {
        lock (_lock)
        {
            _current.TrySetResult(term);
        }
    }

    private void Withdraw()
    {
        lock (_lock)
        {
            _current = NewSource();
        }
    }
}
