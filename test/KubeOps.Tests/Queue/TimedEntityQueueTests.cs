using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Operator.Queue;
using KubeOps.Tests.Cluster;
using Microsoft.Extensions.Time.Testing;

namespace KubeOps.Tests.Queue;

public sealed class TimedEntityQueueTests : IDisposable
{
    private static readonly Func<QueueEntry<Widget>, Admission> Everyone = _ => new Admission(AdmissionDecision.Enter);

    private readonly FakeTimeProvider _time = new();
    private readonly TimedEntityQueue<Widget> _queue;

    public TimedEntityQueueTests()
    {
        _queue = new TimedEntityQueue<Widget>(_time);
        _queue.Open();
    }

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void An_entry_is_taken_when_its_time_has_come_and_not_before()
    {
        Enqueue("a", TimeSpan.FromSeconds(10));

        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(_queue.TryTake(Everyone, out _, out _));
        Assert.Equal(TimeSpan.FromSeconds(0.1), _queue.UntilNext());

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(_queue.TryTake(Everyone, out var entry, out _));
        Assert.Equal("a", entry.Key.Name);
        Assert.False(_queue.TryTake(Everyone, out _, out _));
    }

    [Fact]
    public void Entries_of_one_object_merge_to_the_earliest_time_and_the_newest_snapshot()
    {
        Enqueue("a", TimeSpan.FromSeconds(5), color: "old");
        Enqueue("a", TimeSpan.FromSeconds(60), color: "new", retry: 3);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.True(_queue.TryTake(Everyone, out var entry, out _));
        Assert.Equal("new", entry.Entity.Spec.Color);
        Assert.Equal(3, entry.RetryCount);
        Assert.Equal((0, 0), _queue.Depth);
    }

    /// <summary>
    /// KubeOps issues 554 and 707: an event that follows a status update must not push the requeue away.
    /// </summary>
    [Fact]
    public void A_requeue_survives_a_later_request_for_the_same_object()
    {
        Enqueue("a", TimeSpan.FromSeconds(30));
        Enqueue("a", TimeSpan.FromMinutes(30));

        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.True(_queue.TryTake(Everyone, out _, out _));
    }

    [Fact]
    public void A_deletion_replaces_what_waited_for_the_objects_life()
    {
        Enqueue("a", TimeSpan.Zero);
        Enqueue("a", TimeSpan.Zero, type: ReconciliationType.Deleted);

        Assert.True(_queue.TryTake(Everyone, out var entry, out _));
        Assert.Equal(ReconciliationType.Deleted, entry.Type);
        Assert.False(_queue.TryTake(Everyone, out _, out _));
    }

    [Fact]
    public void A_deletion_is_kept_when_an_object_of_the_same_name_follows()
    {
        Enqueue("a", TimeSpan.Zero, type: ReconciliationType.Deleted, color: "old");
        Enqueue("a", TimeSpan.Zero, type: ReconciliationType.Added, color: "new");

        Assert.True(_queue.TryTake(Everyone, out var first, out _));
        Assert.True(_queue.TryTake(Everyone, out var second, out _));
        Assert.Equal((ReconciliationType.Deleted, "old"), (first.Type, first.Entity.Spec.Color));
        Assert.Equal((ReconciliationType.Added, "new"), (second.Type, second.Entity.Spec.Color));
    }

    [Fact]
    public void Objects_of_one_name_in_two_namespaces_are_two_entries()
    {
        _queue.Enqueue(
            Widget.Named("a", "x"),
            ReconciliationType.Added,
            ReconciliationTriggerSource.ApiServer,
            default,
            0
        );
        _queue.Enqueue(
            Widget.Named("a", "y"),
            ReconciliationType.Added,
            ReconciliationTriggerSource.ApiServer,
            default,
            0
        );

        Assert.Equal((0, 2), _queue.Depth);
    }

    [Fact]
    public void A_busy_object_does_not_hold_up_the_one_behind_it()
    {
        Enqueue("busy", TimeSpan.Zero);
        Enqueue("free", TimeSpan.Zero);

        var taken = _queue.TryTake(
            e => new Admission(e.Key.Name == "busy" ? AdmissionDecision.Wait : AdmissionDecision.Enter),
            out var entry,
            out _
        );

        Assert.True(taken);
        Assert.Equal("free", entry!.Key.Name);
        Assert.Equal((0, 1), _queue.Depth);
    }

    [Fact]
    public void A_busy_object_is_dropped_or_postponed_as_the_strategy_says()
    {
        Enqueue("dropped", TimeSpan.Zero);
        Enqueue("postponed", TimeSpan.Zero);

        Assert.False(
            _queue.TryTake(
                e =>
                    e.Key.Name == "dropped"
                        ? new Admission(AdmissionDecision.Drop)
                        : new Admission(AdmissionDecision.Postpone, TimeSpan.FromSeconds(5)),
                out _,
                out _
            )
        );

        Assert.Equal((1, 0), _queue.Depth);
        Assert.Equal(TimeSpan.FromSeconds(5), _queue.UntilNext());
    }

    [Fact]
    public void A_closed_queue_forgets_and_refuses()
    {
        Enqueue("a", TimeSpan.Zero);

        _queue.Close();

        Assert.Equal((0, 0), _queue.Depth);
        Assert.False(Enqueue("b", TimeSpan.Zero));
    }

    [Fact]
    public void An_object_without_a_name_cannot_be_queued() =>
        Assert.Throws<InvalidOperationException>(() =>
            _queue.Enqueue(
                new Widget { Metadata = new V1ObjectMeta() },
                ReconciliationType.Added,
                ReconciliationTriggerSource.Operator,
                TimeSpan.Zero,
                0
            )
        );

    /// <summary>
    /// The clock moves between any two looks at it: what became due in between was neither taken nor waited for.
    /// </summary>
    [Fact]
    public void What_becomes_due_while_the_queue_looks_is_waited_for()
    {
        var restless = new RestlessTime(TimeSpan.FromMilliseconds(1));
        using var queue = new TimedEntityQueue<Widget>(restless);
        queue.Open();
        queue.Enqueue(
            Widget.Named("a", "ns"),
            ReconciliationType.Modified,
            ReconciliationTriggerSource.Operator,
            TimeSpan.FromMilliseconds(1.5),
            retryCount: 0
        );

        Assert.False(queue.TryTake(Everyone, out _, out var untilNext));
        Assert.Equal(TimeSpan.FromMilliseconds(0.5), untilNext);
    }

    [Fact]
    public void Namespaces_take_turns()
    {
        foreach (var i in Enumerable.Range(0, 1_000))
        {
            EnqueueIn("loud", $"a{i}");
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        EnqueueIn("quiet", "b1");
        EnqueueIn("quiet", "b2");
        EnqueueIn("third", "c");

        string[] taken = [.. Enumerable.Range(0, 6).Select(_ => Take())];

        Assert.Equal(["a0", "b1", "c", "a1", "b2", "a2"], taken);
    }

    [Fact]
    public void A_namespace_that_comes_again_and_again_does_not_jump_the_line()
    {
        EnqueueIn("first", "a");
        EnqueueIn("second", "b");
        Assert.Equal("a", Take());

        EnqueueIn("first", "a");
        Assert.Equal("b", Take());
    }

    [Fact]
    public void A_busy_namespace_does_not_hold_up_another()
    {
        EnqueueIn("busy", "a");
        EnqueueIn("free", "b");

        Assert.True(
            _queue.TryTake(
                e => new Admission(e.Key.Name == "a" ? AdmissionDecision.Wait : AdmissionDecision.Enter),
                out var entry,
                out _
            )
        );
        Assert.Equal("b", entry.Key.Name);
    }

    private string Take() => _queue.TryTake(Everyone, out var entry, out _) ? entry.Key.Name : "";

    private void EnqueueIn(string @namespace, string name) =>
        _queue.Enqueue(
            Widget.Named(name, @namespace),
            ReconciliationType.Added,
            ReconciliationTriggerSource.ApiServer,
            TimeSpan.Zero,
            retryCount: 0
        );

    private bool Enqueue(
        string name,
        TimeSpan queueIn,
        ReconciliationType type = ReconciliationType.Modified,
        string? color = null,
        int retry = 0
    ) => _queue.Enqueue(Widget.Named(name, "ns", color), type, ReconciliationTriggerSource.Operator, queueIn, retry);

    /// <summary>A clock that moves by a step whenever somebody looks at it.</summary>
    private sealed class RestlessTime(TimeSpan step) : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks += step.Ticks;
    }
}
