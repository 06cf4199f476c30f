using System.Diagnostics;
using Granary.Operator.Tests.Support;
using k8s;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Crds;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Events;
using KubeOps.Abstractions.Logging;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Granary.Operator.Tests.Whole;

/// <summary>
/// The operator on the published KubeOps: our slice may register more, but nothing of ours may need it.
/// </summary>
public sealed class PublishedModelTests
{
    /// <summary>The services that <c>AddKubernetesOperator</c> of KubeOps 13.1.2 registers.</summary>
    private static readonly HashSet<Type> Published =
    [
        typeof(OperatorSettings),
        typeof(ActivitySource),
        typeof(OperatorMetrics),
        typeof(KubernetesClientConfiguration),
        typeof(IKubernetes),
        typeof(IKubernetesClient),
        typeof(ICrdResourceFactory),
        typeof(IEventResourceFactory),
        typeof(IEntityLoggingScopeFactory<>),
        typeof(IEventPublisherFactory),
        typeof(EventPublisher),
        typeof(DefaultEntityLabelSelector<>),
        typeof(DefaultEntityFieldSelector<>),
        typeof(IEntityController<>),
        typeof(IEntityFinalizer<>),
        typeof(EntityFinalizerAttacher<,>),
        typeof(IEventFinalizerAttacherFactory),
        typeof(EntityQueue<>),
    ];

    [Fact]
    public async Task Every_part_can_be_made_from_the_published_registrations_alone()
    {
        var configuration = new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" };
        var slice = new ServiceCollection();
        slice.AddSingleton(configuration);
        OperatorHost.AddOperator(slice, Make.Options);
        var services = new ServiceCollection();
        services.AddLogging();
        OperatorHost.AddParts(services, Make.Options);
        foreach (var descriptor in slice.Where(IsPublished))
        {
            ((ICollection<ServiceDescriptor>)services).Add(descriptor);
        }

        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
        await using var scope = provider.CreateAsyncScope();

        Assert.NotEmpty(provider.GetServices<IHostedService>());
        var parts = services.Where(one => IsOurs(one.ServiceType)).ToList();
        Assert.True(parts.Count(one => one.ServiceType.Name.EndsWith("Controller", StringComparison.Ordinal)) >= 5);
        Assert.All(parts, part => Assert.NotNull(scope.ServiceProvider.GetRequiredService(part.ServiceType)));
        foreach (var finalizer in slice.Where(one => Definition(one.ServiceType) == typeof(IEntityFinalizer<>)))
        {
            Assert.NotNull(scope.ServiceProvider.GetRequiredKeyedService(finalizer.ServiceType, finalizer.ServiceKey));
        }
    }

    /// <summary>KubeOps drops an object for good once it failed more often than this says.</summary>
    [Fact]
    public void No_number_of_failures_makes_an_object_be_forgotten()
    {
        var settings = OperatorHost.AddOperator(new ServiceCollection(), Make.Options).Settings;

        Assert.Equal(int.MaxValue, settings.ParallelReconciliation.MaxErrorRetries);
    }

    private static bool IsPublished(ServiceDescriptor descriptor) =>
        Published.Contains(Definition(descriptor.ServiceType))
        || IsOurs(descriptor.ServiceType)
        || IsBehindQueue(descriptor.ServiceType);

    /// <summary>What the slice makes an <see cref="EntityQueue{T}" /> from, which is published.</summary>
    private static bool IsBehindQueue(Type type) => type.Name.StartsWith("PipelineDirectory", StringComparison.Ordinal);

    private static bool IsOurs(Type type) => type.Assembly == typeof(OperatorHost).Assembly;

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;
}
