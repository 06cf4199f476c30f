using Granary.DevCluster.Nodes.Status;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Pods;

/// <summary>Runs a container's startup, readiness and liveness probes while it runs.</summary>
internal sealed class ContainerProbes(
    ContainerRecord record,
    ProbeRunner runner,
    Func<Task> changed,
    Action<string, string> unhealthy
)
{
    /// <summary>
    /// Completes with the reason when the container has to be restarted; runs until cancelled otherwise.
    /// </summary>
    public async Task<string> RunAsync(CancellationToken ct)
    {
        var container = record.Container;
        if (container.StartupProbe is { } startup && await StartAsync(startup, ct) is { } failure)
        {
            return failure;
        }

        record.Started = true;
        record.Ready = container.ReadinessProbe is null;
        await changed();
        var readiness = container.ReadinessProbe is { } ready
            ? FollowReadinessAsync(ready, ct)
            : Task.Delay(Timeout.Infinite, ct);
        if (container.LivenessProbe is { } liveness)
        {
            return await WatchLivenessAsync(liveness, ct);
        }

        await readiness;
        return "";
    }

    private async Task<string?> StartAsync(V1Probe probe, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0), ct);
        for (var failures = 0; ; )
        {
            if (await runner.AskAsync(probe, ct) is not { } problem)
            {
                return null;
            }

            unhealthy("Startup", problem);
            if (++failures >= (probe.FailureThreshold ?? 3))
            {
                return $"Container {record.Name} failed startup probe, will be restarted";
            }

            await Task.Delay(Period(probe), ct);
        }
    }

    private async Task FollowReadinessAsync(V1Probe probe, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0), ct);
        var (successes, failures) = (0, 0);
        while (true)
        {
            var problem = await runner.AskAsync(probe, ct);
            (successes, failures) = problem is null ? (successes + 1, 0) : (0, failures + 1);
            if (problem is not null)
            {
                unhealthy("Readiness", problem);
            }

            var ready = record.Ready
                ? failures < (probe.FailureThreshold ?? 3)
                : successes >= (probe.SuccessThreshold ?? 1);
            if (ready != record.Ready)
            {
                record.Ready = ready;
                await changed();
            }

            // Until a container is first ready it is asked every second at most: what waits for it should not wait for
            // the period.
            var period = Period(probe);
            await Task.Delay(!record.Ready && period > TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : period, ct);
        }
    }

    private async Task<string> WatchLivenessAsync(V1Probe probe, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0), ct);
        for (var failures = 0; ; )
        {
            var problem = await runner.AskAsync(probe, ct);
            failures = problem is null ? 0 : failures + 1;
            if (problem is not null)
            {
                unhealthy("Liveness", problem);
            }

            if (failures >= (probe.FailureThreshold ?? 3))
            {
                return $"Container {record.Name} failed liveness probe, will be restarted";
            }

            await Task.Delay(Period(probe), ct);
        }
    }

    private static TimeSpan Period(V1Probe probe) => TimeSpan.FromSeconds(probe.PeriodSeconds ?? 10);
}
