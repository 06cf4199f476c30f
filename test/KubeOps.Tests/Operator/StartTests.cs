using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Operator;
using KubeOps.Operator.Exceptions;
using KubeOps.Tests.Cluster;
using Microsoft.Extensions.Hosting;

namespace KubeOps.Tests.Operator;

public sealed class StartTests
{
    [Fact]
    public async Task A_missing_service_fails_the_start_when_registrations_are_validated()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder
            .Services.AddKubernetesOperator(o => o.WithRegistrationValidation())
            .AddController<NeedyController, Widget>();
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OperatorConfigurationException>(() =>
            host.StartAsync(TestContext.Current.CancellationToken)
        );

        Assert.Contains(nameof(NeedyController), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Strategies_that_the_slice_lacks_are_refused_at_once()
    {
        var services = new ServiceCollection();

        Assert.Throws<NotSupportedException>(() =>
            services.AddKubernetesOperator(o => o.WithWatchStrategy(WatchStrategy.SharedPerEntity))
        );
        Assert.Throws<NotSupportedException>(() =>
            services.AddKubernetesOperator(o => o.WithQueueStrategy(QueueStrategy.Custom))
        );
        Assert.Throws<NotSupportedException>(() =>
            services.AddKubernetesOperator(o => o.WithLeaderElection(LeaderElectionType.Scoped))
        );
    }

    [Fact]
    public void Services_that_are_there_before_win()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new Microsoft.Extensions.Time.Testing.FakeTimeProvider());

        services.AddKubernetesOperator();

        Assert.Single(services, s => s.ServiceType == typeof(TimeProvider));
    }

    private sealed class NeedyController(Missing missing) : IEntityController<Widget>
    {
        public Task<ReconciliationResult<Widget>> ReconcileAsync(Widget entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<Widget>.Failure(entity, missing.ToString()!));

        public Task<ReconciliationResult<Widget>> DeletedAsync(Widget entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<Widget>.Success(entity));
    }

    private sealed class Missing;
}
