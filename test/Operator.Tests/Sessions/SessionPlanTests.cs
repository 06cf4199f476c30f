using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Sessions;
using Granary.Operator.Tests.Support;

namespace Granary.Operator.Tests.Sessions;

public sealed class SessionPlanTests
{
    private static readonly DateTimeOffset Now = Make.Noon.AddMinutes(1);
    private readonly BackupConfiguration _configuration = Make.Configuration().Ready();
    private readonly BackupSession _session = Make.Session();
    private JobObservation? _job;

    [Theory]
    [InlineData("Succeeded")]
    [InlineData("Failed")]
    [InlineData("Skipped")]
    [InlineData("Unknown")]
    public void A_finished_session_rests(string phase)
    {
        _session.Status.Phase = phase;

        Assert.IsType<SessionPlan.Rest>(Plan());
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    public void A_node_that_is_not_ready_is_shown_at_once_and_given_up_after_a_while(int minutes, bool lost)
    {
        var trouble = new PodDiagnosis(PodCause.NodeNotReady, "node n of Pod p is NotReady", Now.AddMinutes(-minutes));
        Begin(JobState.Active, trouble, Now.AddHours(-1));

        var advance = Assert.IsType<SessionPlan.Advance>(Plan());

        Assert.Equal(lost, advance.Disrupted.Count == 1);
        Assert.Equal("node n of Pod p is NotReady", advance.Trouble);
        Assert.InRange(advance.LookAgain, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void The_operators_timeOut_is_for_those_that_name_none()
    {
        var limits = Make.Limits with { Default = TimeSpan.FromHours(3) };

        Assert.Equal(Make.Noon.AddHours(3), limits.Deadline(Make.Noon, null));
        Assert.Equal(Make.Noon.AddMinutes(1), limits.Deadline(Make.Noon, "1m"));
        Assert.Null(Make.Limits.Deadline(Make.Noon, null));
        Assert.Equal("the operator's default timeOut of 3h0m0s", limits.Describe(null));
    }

    [Fact]
    public void A_running_session_goes_on_when_its_invoker_turns_NotReady()
    {
        Begin(JobState.Active);
        _configuration.Status.Phase = InvokerPhase.NotReady;

        Assert.Empty(Assert.IsType<SessionPlan.Advance>(Plan()).Disrupted);
    }

    [Fact]
    public void An_unstarted_session_starts()
    {
        var plan = Assert.IsType<SessionPlan.Advance>(Plan());

        Assert.Equal(0, Assert.Single(plan.Start).Index);
    }

    [Fact]
    public void A_member_that_is_entered_but_has_no_Job_yet_starts_again()
    {
        var invoker = BackupInvoker.Of(_configuration);
        SessionStatus.Enter(_session, invoker, invoker.Members[0]);

        Assert.Single(Assert.IsType<SessionPlan.Advance>(Plan()).Start);
    }

    [Fact]
    public void A_running_Job_is_watched()
    {
        Begin(JobState.Active);

        var plan = Assert.IsType<SessionPlan.Advance>(Plan());

        Assert.Empty(plan.Start);
        Assert.Empty(plan.Disrupted);
    }

    [Fact]
    public void A_failed_Job_disrupts_its_target_with_the_Pods_reason()
    {
        Begin(JobState.Failed, new PodDiagnosis(PodCause.OutOfMemory, "container postgres-backup was OOMKilled"));

        Assert.Equal("container postgres-backup was OOMKilled", Lost());
    }

    [Fact]
    public void A_deleted_Job_disrupts_its_target()
    {
        Begin(JobState.Missing);

        Assert.Contains("is gone", Lost(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_Job_that_ends_without_a_word_disrupts_its_target()
    {
        Begin(JobState.Complete);

        Assert.Contains("without reporting the result of the backup", Lost(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_without_the_actions_behind_it_is_not_the_end()
    {
        Begin(JobState.Complete);
        Report(HostPhase.Succeeded);

        Assert.Contains("RetentionPolicyApplied and RepositoryIntegrityVerified", Lost(), StringComparison.Ordinal);
    }

    [Fact]
    public void While_the_last_step_applies_retention_the_session_is_not_finished()
    {
        Begin(JobState.Active);
        Report(HostPhase.Succeeded);

        Assert.Empty(Assert.IsType<SessionPlan.Advance>(Plan()).Disrupted);
    }

    [Fact]
    public void A_Job_that_dies_while_it_applies_retention_disrupts_its_target()
    {
        Begin(JobState.Failed, new PodDiagnosis(PodCause.OutOfMemory, "container update-status-1 was OOMKilled"));
        Report(HostPhase.Succeeded);

        Assert.Equal("container update-status-1 was OOMKilled", Lost());
    }

    // Report, conditions of the session, state of the Job: everything that ends a session.
    [Theory]
    [InlineData(HostPhase.Succeeded, "RetentionPolicyApplied=True RepositoryIntegrityVerified=True", "Complete")]
    // The first failure ends the sequence.
    [InlineData(HostPhase.Succeeded, "RetentionPolicyApplied=False", "Complete")]
    [InlineData(HostPhase.Succeeded, "RetentionPolicyApplied=True RepositoryIntegrityVerified=False", "Complete")]
    [InlineData(HostPhase.Failed, "", "Complete")]
    [InlineData(HostPhase.Failed, "", "Failed")]
    [InlineData(HostPhase.Succeeded, "RetentionPolicyApplied=True RepositoryIntegrityVerified=True", "Missing")]
    public void When_all_is_reported_and_the_Job_has_ended_the_session_finishes(
        string report,
        string conditions,
        string job
    )
    {
        Begin(Enum.Parse<JobState>(job));
        Report(report);
        foreach (
            var parts in conditions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split('='))
        )
        {
            _session.Status.Conditions.Add(Make.Condition(parts[0], bool.Parse(parts[1])));
        }

        Assert.IsType<SessionPlan.Finish>(Plan());
    }

    [Fact]
    public void A_Job_that_cannot_be_made_finishes_the_session()
    {
        var invoker = BackupInvoker.Of(_configuration);
        SessionStatus.Started(
            SessionStatus.Enter(_session, invoker, invoker.Members[0]),
            "the Task does not exist",
            Now
        );

        Assert.IsType<SessionPlan.Finish>(Plan());
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void An_image_that_does_not_come_is_given_up_after_a_while(int minutes, bool lost)
    {
        Begin(
            JobState.Active,
            new PodDiagnosis(PodCause.NotStarting, "cannot start: ImagePullBackOff"),
            Now.AddMinutes(-minutes)
        );

        Assert.Equal(lost, Assert.IsType<SessionPlan.Advance>(Plan()).Disrupted.Count == 1);
    }

    [Fact]
    public void A_Pod_that_waits_for_a_node_is_left_to_the_deadline()
    {
        Begin(JobState.Active, new PodDiagnosis(PodCause.Unscheduled, "not scheduled"), Now.AddDays(-1));

        Assert.Empty(Assert.IsType<SessionPlan.Advance>(Plan()).Disrupted);
    }

    [Fact]
    public void A_Job_that_was_given_up_and_still_runs_is_given_up_again()
    {
        Begin(JobState.Active);
        SessionStatus.Disrupted(
            _session.Status.Targets[0],
            BackupInvoker.Of(_configuration).Members[0],
            "no image",
            Now
        );

        Assert.Equal("no image", Lost());
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public void At_its_deadline_a_session_expires(int seconds, bool expires)
    {
        _configuration.Spec.TimeOut = "1m";
        _session.Status.SessionDeadline = Make.Limits.Deadline(Make.Noon, "1m");
        Begin(JobState.Active);

        var plan = Plan(Make.Noon.AddSeconds(seconds));

        Assert.Equal(expires, plan is SessionPlan.Expire { Unfinished.Count: 1 });
    }

    [Fact]
    public void After_its_deadline_a_session_finishes()
    {
        Begin(JobState.Active);
        _session.Status.Conditions.Add(Make.Condition(ConditionTypes.DeadlineExceeded, true));

        Assert.IsType<SessionPlan.Finish>(Plan());
    }

    [Fact]
    public void The_next_look_is_not_later_than_the_deadline()
    {
        _configuration.Spec.TimeOut = "70s";
        Begin(JobState.Active);

        Assert.Equal(TimeSpan.FromSeconds(10), Assert.IsType<SessionPlan.Advance>(Plan()).LookAgain);
    }

    private SessionPlan Plan(DateTimeOffset? now = null) =>
        SessionPlan.For(
            new SessionFacts(
                _session,
                BackupInvoker.Of(_configuration),
                [],
                _job is null
                    ? new Dictionary<int, JobObservation>()
                    : new Dictionary<int, JobObservation> { [0] = _job }
            ),
            now ?? Now,
            Make.Limits
        );

    private string Lost() => Assert.Single(Assert.IsType<SessionPlan.Advance>(Plan()).Disrupted).Disruption.Message;

    private void Begin(JobState state, PodDiagnosis? trouble = null, DateTimeOffset? since = null)
    {
        var invoker = BackupInvoker.Of(_configuration);
        SessionStatus.Started(SessionStatus.Enter(_session, invoker, invoker.Members[0]), failure: null, Make.Noon);
        SessionStatus.Conclude(_session, Make.Options, Make.Noon);
        _job = new JobObservation(state, "stash-backup-pg-backup-1-0", trouble, since ?? Make.Noon);
    }

    private void Report(string phase) =>
        _session.Status.Targets[0].Stats.Add(new HostBackupStats { Hostname = "host-0", Phase = phase });
}
