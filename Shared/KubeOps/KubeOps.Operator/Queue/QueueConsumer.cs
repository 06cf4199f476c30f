using System.Diagnostics;
using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Logging;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Operator.Health;
using KubeOps.Operator.Logging;
using KubeOps.Operator.Metrics;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Queue;

/// <summary>Takes due entries and reconciles them, as many at once as the gate admits.</summary>
internal sealed class QueueConsumer<TEntity>(
    TimedEntityQueue<TEntity> queue,
    ReconciliationGate<TEntity> gate,
    IReconciler<TEntity> reconciler,
    RetryDelays delays,
    IEntityLoggingScopeFactory<TEntity> scopes,
    ConsumerContext context
)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private static readonly string EntityName = typeof(TEntity).Name;
    private readonly HashSet<Task> _running = [];
    private readonly Lock _lock = new();

    /// <summary>The reconciliations that have begun and not ended.</summary>
    public Task WhenIdle()
    {
        lock (_lock)
        {
            return Task.WhenAll(_running.ToArray());
        }
    }

    /// <summary>How many reconciliations run.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>Consumes until the token is cancelled. What runs then is cancelled too, but not awaited here.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        gate.Subscribe(queue.Changed);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (queue.TryTake(Admit, out var entry, out var untilNext))
                {
                    Start(entry, cancellationToken);
                }
                else
                {
                    await queue.Changed.WaitAsync(untilNext, context.Time, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        finally
        {
            gate.Unsubscribe(queue.Changed);
        }
    }

    private Admission Admit(QueueEntry<TEntity> entry)
    {
        var admission = gate.TryEnter(entry.Key);
        if (admission.Decision == AdmissionDecision.Drop)
        {
            context.Metrics?.Discarded(EntityName);
        }
        else if (admission.Decision == AdmissionDecision.Postpone)
        {
            context.Metrics?.Requeued(EntityName, "conflict");
        }

        return admission;
    }

    private void Start(QueueEntry<TEntity> entry, CancellationToken cancellationToken)
    {
        // Task.Run: a reconciliation that computes before its first await must not hold up the others.
        var task = Task.Run(() => ProcessAsync(entry, cancellationToken), CancellationToken.None);
        lock (_lock)
        {
            _running.Add(task);
        }

        _ = task.ContinueWith(
            ended =>
            {
                lock (_lock)
                {
                    _running.Remove(ended);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    private async Task ProcessAsync(QueueEntry<TEntity> entry, CancellationToken cancellationToken)
    {
        var reconciliation = ReconciliationContext<TEntity>.CreateFor(entry.Entity, entry.Type, entry.Trigger);
        using var activity = context.Activities?.StartActivity($"reconcile {EntityName}");
        activity?.SetTag("kubeops.object", entry.Key.ToString());
        using var scope = context.Logger.BeginScope(scopes.Create(reconciliation, EntityLoggingPhase.Reconciliation));
        using var work = context.Working.Begin(Describe(entry));
        var started = context.Time.GetTimestamp();
        try
        {
            context.Logger.Reconciling(Describe(entry));
            var result = await ReconcileInTimeAsync(reconciliation, cancellationToken);
            context.Metrics?.Reconciled(
                EntityName,
                entry.Type,
                context.Time.GetElapsedTime(started),
                result.IsSuccess,
                result.Error
            );
            Conclude(entry, result);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped or no longer leading: whoever leads next sees the object again.
        }
        catch (HttpOperationException e) when (e.Response?.StatusCode == HttpStatusCode.Conflict)
        {
            context.Metrics?.Reconciled(
                EntityName,
                entry.Type,
                context.Time.GetElapsedTime(started),
                isSuccess: false,
                e
            );
            var delay = delays.AfterConflict();
            context.Logger.Conflict(Describe(entry), delay);
            Requeue(entry, entry.Entity, delay, entry.RetryCount, "conflict");
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            context.Metrics?.Reconciled(
                EntityName,
                entry.Type,
                context.Time.GetElapsedTime(started),
                isSuccess: false,
                e
            );
            var delay = delays.AfterError(entry.RetryCount + 1);
            context.Logger.ReconciliationThrew(e, Describe(entry), entry.RetryCount + 1, delay);
            Requeue(entry, entry.Entity, delay, entry.RetryCount + 1, "error_retry");
        }
        finally
        {
            gate.Leave(entry.Key);
        }
    }

    /// <exception cref="TimeoutException">It saw its token cancelled at the deadline.</exception>
    private async Task<ReconciliationResult<TEntity>> ReconcileInTimeAsync(
        ReconciliationContext<TEntity> reconciliation,
        CancellationToken cancellationToken
    )
    {
        using var deadline = new CancellationTokenSource(ReconciliationDeadline.Default, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await reconciler.Reconcile(reconciliation, either.Token);
        }
        catch (OperationCanceledException e)
            when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"It did not end within {ReconciliationDeadline.Default}.", e);
        }
    }

    private void Conclude(QueueEntry<TEntity> entry, ReconciliationResult<TEntity> result)
    {
        if (result.IsSuccess)
        {
            context.Logger.Reconciled(Describe(entry), result.RequeueAfter);
            Requeue(entry, result.Entity, result.RequeueAfter, 0, "operator_requeue");
            return;
        }

        if (result.RequeueAfter is not null)
        {
            context.Logger.ReconciliationFailed(
                result.Error,
                Describe(entry),
                result.ErrorMessage,
                result.RequeueAfter
            );
            Requeue(entry, result.Entity, result.RequeueAfter, 0, "operator_requeue");
            return;
        }

        // A failure that does not say when to look again is treated like an exception, not forgotten.
        var delay = delays.AfterError(entry.RetryCount + 1);
        context.Logger.ReconciliationFailed(result.Error, Describe(entry), result.ErrorMessage, delay);
        Requeue(entry, result.Entity, delay, entry.RetryCount + 1, "error_retry");
    }

    private void Requeue(QueueEntry<TEntity> entry, TEntity entity, TimeSpan? delay, int retryCount, string reason)
    {
        // Results carry the object that the controller ended with; a nameless one cannot be found again.
        var named = string.IsNullOrWhiteSpace(entity.Metadata?.Name) ? entry.Entity : entity;
        if (
            delay is { } wait
            && queue.Enqueue(named, entry.Type, ReconciliationTriggerSource.Operator, wait, retryCount)
        )
        {
            context.Metrics?.Requeued(EntityName, reason);
        }
    }

    private static string Describe(QueueEntry<TEntity> entry) => $"{EntityName} {entry.Key}";
}

/// <summary>What all consumers share.</summary>
internal sealed record ConsumerContext(
    OperatorMetrics? Metrics,
    ActivitySource? Activities,
    WorkingReconciliations Working,
    TimeProvider Time,
    ILogger Logger
);
