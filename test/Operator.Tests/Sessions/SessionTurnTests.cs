using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Sessions;
using Granary.Operator.Tests.Support;

namespace Granary.Operator.Tests.Sessions;

/// <summary>Whether it is the turn of a session that has not started.</summary>
public sealed class SessionTurnTests
{
    private static readonly DateTimeOffset Now = Make.Noon.AddMinutes(1);
    private readonly BackupConfiguration _configuration = Make.Configuration().Ready();
    private readonly BackupSession _session = Make.Session();
    private readonly List<BackupSession> _rivals = [];

    [Fact]
    public void Without_its_invoker_a_session_waits_two_minutes_and_then_fails()
    {
        const string why = "the BackupConfiguration pg-backup that the session is for does not exist in namespace demo";

        Assert.Equal(why, Assert.IsType<SessionPlan.Wait>(Alone(TimeSpan.FromSeconds(119))).Reason);
        Assert.Equal(why, Assert.IsType<SessionPlan.Orphan>(Alone(TimeSpan.FromSeconds(120))).Message);

        SessionPlan Alone(TimeSpan age) =>
            SessionPlan.For(
                new SessionFacts(_session, null, [], new Dictionary<int, JobObservation>()),
                Make.Noon + age,
                Make.Limits
            );
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(40, 10)]
    [InlineData(3600, 120)]
    public void The_longer_a_session_waits_the_longer_it_rests(int waited, int rest)
    {
        Rival("nightly-1", SessionPhase.Running, Make.Noon.AddHours(-1), "nightly");

        var wait = Assert.IsType<SessionPlan.Wait>(Plan(Make.Noon.AddSeconds(waited)));

        Assert.Equal(TimeSpan.FromSeconds(rest), wait.LookAgain);
    }

    [Fact]
    public void A_session_does_not_wait_for_ever()
    {
        Rival("nightly-1", SessionPhase.Running, Make.Noon.AddHours(-1), "nightly");

        Assert.IsType<SessionPlan.Wait>(Plan(Make.Noon.AddHours(24).AddSeconds(-1)));
        Assert.Equal(
            "given up after waiting for 24h0m0s: BackupSession demo/nightly-1 goes first",
            Assert.IsType<SessionPlan.Skip>(Plan(Make.Noon.AddHours(24))).Message
        );
    }

    [Fact]
    public void An_invoker_that_was_never_looked_at_is_waited_for()
    {
        _configuration.Status.ObservedGeneration = null;
        _configuration.Status.Phase = null;

        Assert.IsType<SessionPlan.Wait>(Plan());
    }

    [Theory]
    [InlineData(InvokerPhase.NotReady)]
    [InlineData(InvokerPhase.Invalid)]
    public void A_pending_session_of_an_invoker_that_is_not_ready_is_skipped(string phase)
    {
        _configuration.Status.Phase = phase;

        Assert.Contains(phase, Assert.IsType<SessionPlan.Skip>(Plan()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_paused_configuration_still_runs_sessions_that_someone_made()
    {
        _configuration.Spec.Paused = true;

        Assert.Single(Assert.IsType<SessionPlan.Advance>(Plan()).Start);
    }

    [Fact]
    public void While_a_sibling_runs_a_session_is_skipped()
    {
        Rival("pg-backup-0", SessionPhase.Running, Make.Noon.AddMinutes(-5));

        Assert.Contains("pg-backup-0", Assert.IsType<SessionPlan.Skip>(Plan()).Message, StringComparison.Ordinal);
    }

    // Of two that start at one time exactly one goes first: the older, or by name.
    [Theory]
    [InlineData("pg-backup-0", -1, true)]
    [InlineData("pg-backup-2", 1, false)]
    [InlineData("pg-backup-0", 0, true)]
    [InlineData("pg-backup-2", 0, false)]
    public void Among_pending_siblings_the_oldest_goes_first(string name, int secondsLater, bool rivalFirst)
    {
        Rival(name, SessionPhase.Pending, Make.Noon.AddSeconds(secondsLater));

        Assert.Equal(rivalFirst, Plan() is SessionPlan.Wait);
    }

    [Theory]
    [InlineData(SessionPhase.Running, 5, true)]
    [InlineData(SessionPhase.Pending, -5, true)]
    [InlineData(SessionPhase.Pending, 5, false)]
    [InlineData(SessionPhase.Succeeded, -5, false)]
    public void A_session_of_another_invoker_for_the_same_target_is_waited_for(
        string phase,
        int secondsLater,
        bool waits
    )
    {
        Rival("other-1", phase, Make.Noon.AddSeconds(secondsLater), invoker: "other");

        Assert.Equal(waits, Plan() is SessionPlan.Wait);
    }

    private SessionPlan Plan(DateTimeOffset? now = null) =>
        SessionPlan.For(
            new SessionFacts(
                _session,
                BackupInvoker.Of(_configuration),
                _rivals,
                new Dictionary<int, JobObservation>()
            ),
            now ?? Now,
            Make.Limits
        );

    private void Rival(string name, string phase, DateTimeOffset created, string invoker = "pg-backup")
    {
        var rival = Make.Session(name, invoker);
        rival.Metadata.CreationTimestamp = created.UtcDateTime;
        rival.Status.Phase = phase;
        _rivals.Add(rival);
    }
}
