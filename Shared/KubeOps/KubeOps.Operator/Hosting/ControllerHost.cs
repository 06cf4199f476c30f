using k8s;
using k8s.Models;
using KubeOps.Operator.LeaderElection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Hosting;

/// <summary>Runs one controller while this process leads.</summary>
internal sealed class ControllerHost<TEntity>(
    ControllerPipeline<TEntity> pipeline,
    ILeadership leadership,
    TimeProvider time,
    ILogger logger
) : BackgroundService
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private const int LargestExponent = 5;
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var term = await leadership.JoinAsync(stoppingToken);
                await RunTermAsync(term, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private async Task RunTermAsync(LeadershipTerm term, CancellationToken stoppingToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(term.Token, stoppingToken);
        pipeline.Queue.Open();
        try
        {
            await Task.WhenAll(
                KeepRunningAsync(pipeline.Consumer.RunAsync, either.Token),
                KeepRunningAsync(pipeline.Watcher.RunAsync, either.Token)
            );
        }
        finally
        {
            pipeline.Queue.Close();
            await DrainAsync(term);
        }
    }

    /// <summary>Waits until what was running has seen its cancelled token; only then the term is left.</summary>
    private async Task DrainAsync(LeadershipTerm term)
    {
        var idle = pipeline.Consumer.WhenIdle();
        try
        {
            await idle.WaitAsync(DrainPatience, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            logger.NotDrained(pipeline.Consumer.Running, pipeline.Name);
        }

        if (idle.IsCompleted)
        {
            term.Leave();
        }
        else
        {
            _ = idle.ContinueWith(
                _ => term.Leave(),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }
    }

    private async Task KeepRunningAsync(Func<CancellationToken, Task> loop, CancellationToken cancellationToken)
    {
        for (var failures = 0; !cancellationToken.IsCancellationRequested; failures++)
        {
            try
            {
                await loop(cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                var delay = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures, LargestExponent)));
                logger.LoopFailed(e, pipeline.Name, delay);
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
