using KubeOps.Abstractions.Builder;
using KubeOps.Operator.Health;
using KubeOps.Operator.Watcher;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace KubeOps.Tests.Health;

public sealed class LivenessCheckTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly WorkingReconciliations _reconciliations;
    private readonly WatchLiveness _watches;
    private readonly LeaseContention _lease;

    public LivenessCheckTests()
    {
        _reconciliations = new WorkingReconciliations(_time);
        _watches = new WatchLiveness(_time);
        _lease = new LeaseContention(_time);
    }

    [Fact]
    public async Task An_operator_with_nothing_to_do_is_well_for_ever()
    {
        _time.Advance(TimeSpan.FromDays(100));

        Assert.Equal((HealthStatus.Healthy, null), await CheckAsync());
    }

    [Fact]
    public async Task A_reconciliation_that_does_not_end_is_named()
    {
        using var quick = _reconciliations.Begin("Widget ns/quick");
        using (_reconciliations.Begin("Widget ns/stuck"))
        {
            _time.Advance(LivenessCheck.LongestReconciliation);
            Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);

            quick.Dispose();
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(
                (HealthStatus.Unhealthy, "the reconciliation of Widget ns/stuck runs for 00:06:01"),
                await CheckAsync()
            );
        }

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);
    }

    [Fact]
    public async Task A_watch_that_has_heard_nothing_is_named_and_another_one_does_not_hide_it()
    {
        _watches.Started("WidgetController/Widget");
        _watches.Started("JobController/V1Job");
        _time.Advance(LivenessCheck.LongestSilence);
        _watches.Contact("JobController/V1Job");
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(
            (HealthStatus.Unhealthy, "the watch WidgetController/Widget has heard nothing for 00:10:01"),
            await CheckAsync()
        );
        _watches.Stopped("WidgetController/Widget");
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);
    }

    [Fact]
    public async Task An_elector_that_does_not_ask_for_its_lease_is_noticed()
    {
        _lease.Tried();
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(
            (HealthStatus.Unhealthy, "the lease granary-leader was not asked for since 00:02:01"),
            await CheckAsync()
        );

        _lease.Tried();
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);
    }

    private async Task<(HealthStatus Status, string? Description)> CheckAsync()
    {
        var check = new LivenessCheck(_reconciliations, _watches, _lease, new OperatorSettings { Name = "granary" });
        var result = await check.CheckHealthAsync(
            new HealthCheckContext
            {
                Registration = new HealthCheckRegistration(
                    LivenessCheck.Name,
                    check,
                    HealthStatus.Unhealthy,
                    tags: null
                ),
            },
            TestContext.Current.CancellationToken
        );
        return (result.Status, result.Description);
    }
}
