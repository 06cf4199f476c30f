using KubeOps.Abstractions.Builder;

namespace KubeOps.Tests.Abstractions;

public sealed class SettingsTests
{
    [Fact]
    public void Defaults_are_those_of_the_specification()
    {
        var settings = new OperatorSettingsBuilder().Build();

        Assert.Equal("kubernetesoperator", settings.Name);
        Assert.Null(settings.Namespace);
        Assert.Equal(LeaderElectionType.None, settings.LeaderElectionType);
        Assert.Equal(TimeSpan.FromSeconds(15), settings.LeaderElectionLeaseDuration);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.LeaderElectionRenewDeadline);
        Assert.Equal(TimeSpan.FromSeconds(2), settings.LeaderElectionRetryPeriod);
        Assert.Equal(ReconcileStrategy.ByGeneration, settings.ReconcileStrategy);
        Assert.True(settings.AutoAttachFinalizers);
        Assert.True(settings.AutoDetachFinalizers);
        Assert.True(settings.EnableMetrics);
        Assert.False(settings.ValidateRegistrations);
        Assert.Equal(Environment.ProcessorCount * 2, settings.ParallelReconciliation.MaxParallelReconciliations);
        Assert.Equal(5, settings.ParallelReconciliation.MaxErrorRetries);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.ParallelReconciliation.GetEffectiveRequeueDelay());
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(5, 32)]
    public void The_back_off_doubles(int retry, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new ParallelReconciliationSettings().GetErrorBackoffDelay(retry));

    [Fact]
    public void The_exponent_of_the_back_off_is_capped() =>
        Assert.Equal(
            new ParallelReconciliationSettings().GetErrorBackoffDelay(31),
            new ParallelReconciliationSettings().GetErrorBackoffDelay(1000)
        );

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void There_must_be_a_slot(int slots) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new OperatorSettingsBuilder().WithParallelReconciliation(p => p.WithMaxParallelReconciliations(slots))
        );
}
