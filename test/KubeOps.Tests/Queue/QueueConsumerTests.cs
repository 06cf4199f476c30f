using System.Collections.Concurrent;
using System.Net;
using k8s.Autorest;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Logging;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Operator.Health;
using KubeOps.Operator.Logging;
using KubeOps.Operator.Queue;
using KubeOps.Tests.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using R = KubeOps.Abstractions.Reconciliation.ReconciliationResult<KubeOps.Tests.Cluster.Widget>;

namespace KubeOps.Tests.Queue;

public sealed class QueueConsumerTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TimedEntityQueue<Widget> _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _started = new();
    private Task _loop = Task.CompletedTask;

    public QueueConsumerTests()
    {
        _queue = new TimedEntityQueue<Widget>(_time);
        _queue.Open();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _queue.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task An_object_is_never_reconciled_twice_at_once_and_its_waiting_entry_holds_no_slot()
    {
        var release = new TaskCompletionSource();
        Start(
            async widget =>
            {
                if (widget.Metadata.Name == "slow")
                {
                    await release.Task;
                }

                return R.Success(widget);
            },
            slots: 2
        );

        Enqueue("slow");
        await StartedAsync("slow", 1);
        Enqueue("slow");
        Enqueue("other");
        await StartedAsync("other", 1);
        Enqueue("third");
        await StartedAsync("third", 1);

        Assert.Equal(1, _started.Count(name => name == "slow"));
        release.SetResult();
        await StartedAsync("slow", 2);
    }

    [Fact]
    public async Task No_more_reconciliations_run_than_there_are_slots()
    {
        var release = new SemaphoreSlim(0);
        Start(
            async widget =>
            {
                await release.WaitAsync(TestContext.Current.CancellationToken);
                return R.Success(widget);
            },
            slots: 2
        );

        foreach (var name in (string[])["a", "b", "c"])
        {
            Enqueue(name);
        }

        await Until.TrueAsync("two run", () => _started.Count == 2);
        Assert.Equal((0, 1), _queue.Depth);
        release.Release();
        await Until.TrueAsync("the third runs", () => _started.Count == 3);
        release.Release(2);
    }

    [Fact]
    public async Task An_exception_is_retried_for_ever_with_a_delay_that_stops_growing()
    {
        Start(_ => throw new InvalidOperationException("broken"));
        Enqueue("a");

        for (var retry = 1; retry <= 12; retry++)
        {
            await WaitingAsync();
            var expected = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(retry, 5)));
            Assert.InRange(_queue.UntilNext(), expected * 0.8, expected * 1.2);
            _time.Advance(_queue.UntilNext());
            await StartedAsync("a", retry + 1);
        }
    }

    [Fact]
    public async Task A_failure_that_names_no_time_is_retried_like_an_exception()
    {
        Start(widget => Task.FromResult(R.Failure(widget, "not now")));
        Enqueue("a");

        await WaitingAsync();

        Assert.InRange(_queue.UntilNext(), TimeSpan.FromSeconds(1.6), TimeSpan.FromSeconds(2.4));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_result_that_names_a_time_comes_back_then(bool isSuccess)
    {
        var after = TimeSpan.FromMinutes(7);
        Start(widget =>
            Task.FromResult(isSuccess ? R.Success(widget, after) : R.Failure(widget, "x", requeueAfter: after))
        );
        Enqueue("a");

        await WaitingAsync();

        Assert.Equal(after, _queue.UntilNext());
    }

    [Fact]
    public async Task A_conflict_comes_back_soon_and_does_not_count_as_an_error()
    {
        Start(_ =>
            throw new HttpOperationException
            {
                Response = new HttpResponseMessageWrapper(
                    new HttpResponseMessage(HttpStatusCode.Conflict),
                    string.Empty
                ),
            }
        );
        Enqueue("a");

        for (var round = 1; round <= 6; round++)
        {
            await WaitingAsync();
            Assert.InRange(_queue.UntilNext(), TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(1));
            _time.Advance(TimeSpan.FromSeconds(1));
            await StartedAsync("a", round + 1);
        }
    }

    [Fact]
    public async Task An_event_during_a_reconciliation_is_not_lost_to_its_requeue()
    {
        var release = new TaskCompletionSource();
        Start(async widget =>
        {
            if (_started.Count == 1)
            {
                await release.Task;
            }

            return R.Success(widget, TimeSpan.FromHours(1));
        });
        Enqueue("a");
        await StartedAsync("a", 1);

        Enqueue("a");
        release.SetResult();

        await StartedAsync("a", 2);
    }

    /// <summary>A request that hangs must neither hold its slot for ever nor be forgotten.</summary>
    [Fact]
    public async Task A_reconciliation_that_hangs_is_cancelled_at_its_deadline_and_tried_again()
    {
        var cancelled = 0;
        Start(
            async (widget, token) =>
            {
                await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Interlocked.Increment(ref cancelled);
                token.ThrowIfCancellationRequested();
                return R.Success(widget);
            },
            slots: 1
        );
        Enqueue("a");
        await StartedAsync("a", 1);

        _time.Advance(ReconciliationDeadline.Default);
        await Until.TrueAsync("it is cancelled", () => Volatile.Read(ref cancelled) == 1);

        await WaitingAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        await StartedAsync("a", 2);
    }

    /// <summary>
    /// Only a lone object shows a requeue that is lost: the next event of another one would wake the queue.
    /// </summary>
    [Fact]
    public async Task No_timed_requeue_is_lost_in_thousands()
    {
        const int rounds = 100;
        var queues = Enumerable.Range(0, 20).Select(_ => RunAloneAsync(rounds)).ToArray();

        Assert.All(await Task.WhenAll(queues), ran => Assert.Equal(rounds, ran));
    }

    /// <summary>One queue with one object, by the real clock; answers how often it was reconciled.</summary>
    private static async Task<int> RunAloneAsync(int rounds)
    {
        using var queue = new TimedEntityQueue<Widget>(TimeProvider.System);
        queue.Open();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var ran = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = Consumer(queue, TimeProvider.System, new OperatorSettings(), (widget, _) =>
        {
            if (Interlocked.Increment(ref ran) == rounds)
            {
                done.SetResult();
                return Task.FromResult(R.Success(widget));
            }

            return Task.FromResult(R.Success(widget, TimeSpan.FromMilliseconds(20)));
        });
        var loop = consumer.RunAsync(stop.Token);
        queue.Enqueue(
            Widget.Named("a", "ns"),
            ReconciliationType.Modified,
            ReconciliationTriggerSource.ApiServer,
            TimeSpan.Zero,
            retryCount: 0
        );
        await Task.WhenAny(done.Task, Task.Delay(TimeSpan.FromMinutes(1), stop.Token));
        await stop.CancelAsync();
        await loop;
        return Volatile.Read(ref ran);
    }

    private void Start(Func<Widget, Task<R>> reconcile, int slots = 4) =>
        Start((widget, _) => reconcile(widget), slots);

    private void Start(Func<Widget, CancellationToken, Task<R>> reconcile, int slots = 4)
    {
        var settings = new OperatorSettings
        {
            ParallelReconciliation = new ParallelReconciliationSettings { MaxParallelReconciliations = slots },
        };
        var consumer = Consumer(_queue, _time, settings, (widget, token) =>
        {
            _started.Enqueue(widget.Metadata.Name);
            return reconcile(widget, token);
        });
        _loop = consumer.RunAsync(_stop.Token);
    }

    private static QueueConsumer<Widget> Consumer(
        TimedEntityQueue<Widget> queue,
        TimeProvider time,
        OperatorSettings settings,
        Func<Widget, CancellationToken, Task<R>> reconcile
    ) =>
        new(
            queue,
            new ReconciliationGate<Widget>(settings),
            new Reconciler(reconcile),
            new RetryDelays(settings.ParallelReconciliation, new Random(1)),
            new EntityLoggingScopeFactory<Widget>([], NullLogger<EntityLoggingScopeFactory<Widget>>.Instance),
            new ConsumerContext(null, null, new WorkingReconciliations(time), time, NullLogger.Instance)
        );

    private void Enqueue(string name) =>
        _queue.Enqueue(
            Widget.Named(name, "ns"),
            ReconciliationType.Modified,
            ReconciliationTriggerSource.ApiServer,
            TimeSpan.Zero,
            0
        );

    private Task StartedAsync(string name, int times) =>
        Until.TrueAsync($"{name} started {times} times", () => _started.Count(n => n == name) >= times);

    /// <summary>Until the entry waits for its time again.</summary>
    private Task WaitingAsync() => Until.TrueAsync("an entry waits", () => _queue.Depth == (1, 0));

    private sealed class Reconciler(Func<Widget, CancellationToken, Task<R>> reconcile) : IReconciler<Widget>
    {
        public Task<R> Reconcile(
            ReconciliationContext<Widget> reconciliationContext,
            CancellationToken cancellationToken
        ) => reconcile(reconciliationContext.Entity, cancellationToken);
    }
}
