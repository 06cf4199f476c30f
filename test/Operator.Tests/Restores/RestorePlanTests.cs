using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Restores;
using Granary.Operator.Tests.Support;

namespace Granary.Operator.Tests.Restores;

public sealed class RestorePlanTests
{
    private static readonly DateTimeOffset Now = Make.Noon.AddMinutes(1);
    private static readonly Lookup Found = new(Finding.Found, "is there");
    private static readonly Lookup Missing = new(Finding.Missing, "is not there");

    private readonly RestoreSession _session = Make.Restore();

    [Theory]
    [InlineData("Succeeded")]
    [InlineData("Failed")]
    [InlineData("Unknown")]
    public void A_finished_restore_is_never_run_again(string phase)
    {
        _session.Status.Phase = phase;

        Assert.IsType<RestorePlan.Rest>(Plan(new Prerequisites(Found, Found, [], Found)));
    }

    [Fact]
    public void With_everything_there_it_starts()
    {
        Assert.IsType<RestorePlan.Start>(Plan(new Prerequisites(Found, Found, [], Found)));
    }

    [Fact]
    public void What_is_missing_is_waited_for()
    {
        Assert.IsType<RestorePlan.Wait>(Plan(new Prerequisites(Missing, Missing, [], Found)));
        Assert.IsType<RestorePlan.Wait>(Plan(new Prerequisites(Found, Missing, [], Found)));
        Assert.IsType<RestorePlan.Wait>(Plan(new Prerequisites(Found, Found, [], Missing)));
    }

    [Fact]
    public void A_breach_of_the_usage_policy_blocks()
    {
        Assert.IsType<RestorePlan.Wait>(Plan(new Prerequisites(Found, Found, ["not allowed"], Found)));
    }

    [Fact]
    public void A_running_Job_is_watched()
    {
        RestoreStatus.Started(_session, failure: null, Now);

        Assert.IsType<RestorePlan.Watch>(Plan(job: JobState.Active));
    }

    [Theory]
    [InlineData("Failed")]
    [InlineData("Missing")]
    [InlineData("Complete")]
    public void A_Job_that_ends_without_a_report_is_a_disruption(string job)
    {
        RestoreStatus.Started(_session, failure: null, Now);

        Assert.IsType<RestorePlan.Disrupted>(Plan(job: Enum.Parse<JobState>(job)));
    }

    [Theory]
    [InlineData("Active", typeof(RestorePlan.Watch))]
    [InlineData("Complete", typeof(RestorePlan.Finish))]
    [InlineData("Failed", typeof(RestorePlan.Disrupted))]
    public void After_a_report_of_success_the_Job_has_to_end_well(string job, Type expected)
    {
        RestoreStatus.Started(_session, failure: null, Now);
        _session.Status.Stats.Add(new HostRestoreStats { Hostname = "host-0", Phase = HostPhase.Succeeded });

        Assert.IsType(expected, Plan(job: Enum.Parse<JobState>(job)));
    }

    [Fact]
    public void A_Job_that_cannot_be_made_finishes_the_restore()
    {
        RestoreStatus.Started(_session, "no rule is for this host", Now);

        Assert.IsType<RestorePlan.Finish>(Plan());
    }

    [Fact]
    public void At_its_deadline_it_expires_also_while_it_waits_for_things()
    {
        _session.Status.SessionDeadline = Now;

        Assert.IsType<RestorePlan.Expire>(Plan(new Prerequisites(Missing, Missing, [], Found)));
    }

    private RestorePlan Plan(Prerequisites? prerequisites = null, JobState? job = null) =>
        RestorePlan.For(
            new RestoreFacts(
                _session,
                RestoreInvoker.Of(_session),
                prerequisites,
                job is { } state ? new JobObservation(state, "stash-restore-pg-restore-0", null, Now) : null
            ),
            Now,
            Make.Limits
        );
}
