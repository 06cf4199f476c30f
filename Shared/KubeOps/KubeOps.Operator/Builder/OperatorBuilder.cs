using System.Diagnostics;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Crds;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Events;
using KubeOps.Abstractions.Logging;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Crds;
using KubeOps.Operator.Events;
using KubeOps.Operator.Health;
using KubeOps.Operator.Hosting;
using KubeOps.Operator.LeaderElection;
using KubeOps.Operator.Logging;
using KubeOps.Operator.Metrics;
using KubeOps.Operator.Queue;
using KubeOps.Operator.Reconciliation;
using KubeOps.Operator.Watcher;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Builder;

/// <summary>Puts the parts of an operator into the service collection.</summary>
internal sealed class OperatorBuilder : IOperatorBuilder
{
    private readonly HashSet<(Type Controller, Type Entity, Type? Selector)> _controllers = [];

    public OperatorBuilder(IServiceCollection services, OperatorSettings settings)
    {
        Services = services;
        Settings = settings;
        RefuseWhatIsNotThere(settings);
        AddShared();
    }

    /// <inheritdoc />
    public IServiceCollection Services { get; }

    /// <inheritdoc />
    public OperatorSettings Settings { get; }

    /// <inheritdoc />
    public IOperatorBuilder AddController<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta> => Add<TImplementation, TEntity>(null, null);

    /// <inheritdoc />
    public IOperatorBuilder AddControllerWithLabelSelector<TImplementation, TEntity, TLabelSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TLabelSelector : class, IEntityLabelSelector<TEntity>
    {
        Services.TryAddSingleton<TLabelSelector>();
        return Add<TImplementation, TEntity>(typeof(TLabelSelector), null);
    }

    /// <inheritdoc />
    public IOperatorBuilder AddControllerWithFieldSelector<TImplementation, TEntity, TFieldSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TFieldSelector : class, IEntityFieldSelector<TEntity>
    {
        Services.TryAddSingleton<TFieldSelector>();
        return Add<TImplementation, TEntity>(null, typeof(TFieldSelector));
    }

    /// <inheritdoc />
    public IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        Services.TryAddKeyedTransient<IEntityFinalizer<TEntity>, TImplementation>(identifier);
        Services.AddSingleton(new FinalizerRegistration<TEntity>(identifier, typeof(TImplementation)));
        Services.TryAddTransient<EntityFinalizerAttacher<TImplementation, TEntity>>(services =>
            services.GetRequiredService<IEventFinalizerAttacherFactory>().Create<TImplementation, TEntity>(identifier)
        );
        Services.AddSingleton(
            new ComponentRegistration($"Finalizer {typeof(TImplementation).Name}", services =>
                services.GetRequiredKeyedService<IEntityFinalizer<TEntity>>(identifier)
            )
        );
        return this;
    }

    /// <inheritdoc />
    public IOperatorBuilder AddCrdInstaller(Action<CrdInstallerSettingsBuilder>? configure = null)
    {
        var settings = new CrdInstallerSettingsBuilder();
        configure?.Invoke(settings);
        Services.TryAddSingleton(settings.Build());
        Services.AddHostedService<CrdInstaller>();
        return this;
    }

    private static void RefuseWhatIsNotThere(OperatorSettings settings)
    {
        if (
            settings.LeaderElectionType is LeaderElectionType.Custom or LeaderElectionType.Scoped
            || settings.QueueStrategy == QueueStrategy.Custom
            || settings.WatchStrategy == WatchStrategy.SharedPerEntity
        )
        {
            throw new NotSupportedException(
                "This slice knows leader election None and Single, queue strategy InMemory and watch strategy "
                    + "PerController."
            );
        }
    }

    private OperatorBuilder Add<TController, TEntity>(Type? labelSelector, Type? fieldSelector)
        where TController : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var name = $"{typeof(TController).Name}/{typeof(TEntity).Name}";
        if (!_controllers.Add((typeof(TController), typeof(TEntity), labelSelector ?? fieldSelector)))
        {
            throw new InvalidOperationException($"The controller {name} is registered already with the same selector.");
        }

        Services.TryAddScoped<TController>();
        Services.TryAddScoped<IEntityController<TEntity>>(services => services.GetRequiredService<TController>());
        Services.TryAddSingleton<ReconciliationGate<TEntity>>();
        Services.TryAddSingleton<PipelineDirectory<TEntity>>();
        Services.TryAddTransient<EntityQueue<TEntity>>(PipelineQueue.For<TEntity>);
        Services.AddSingleton(
            new ComponentRegistration($"Controller {typeof(TController).Name}", services =>
                services.GetRequiredService<TController>()
            )
        );

        var key = new object();
        Services.AddKeyedSingleton(key, (services, _) =>
            Pipeline<TEntity>(services, name, typeof(TController), labelSelector, fieldSelector)
        );
        Services.AddSingleton(services => services.GetRequiredKeyedService<ControllerPipeline<TEntity>>(key));
        Services.AddSingleton<IHostedService>(services => new ControllerHost<TEntity>(
            services.GetRequiredKeyedService<ControllerPipeline<TEntity>>(key),
            services.GetRequiredService<ILeadership>(),
            services.GetRequiredService<TimeProvider>(),
            Logger<TController>(services)
        ));
        return this;
    }

    private ControllerPipeline<TEntity> Pipeline<TEntity>(
        IServiceProvider services,
        string name,
        Type controllerType,
        Type? labelSelector,
        Type? fieldSelector
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var client = services.GetRequiredService<IKubernetesClient>();
        var time = services.GetRequiredService<TimeProvider>();
        var metrics = services.GetService<OperatorMetrics>();
        var liveness = services.GetRequiredService<WatchLiveness>();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(controllerType);
        var queue = new TimedEntityQueue<TEntity>(time);
        if (Settings.LeaderElectionType == LeaderElectionType.None)
        {
            queue.Open();
        }

        metrics?.ObserveQueue(typeof(TEntity).Name, () => queue.Depth);
        metrics?.ObserveWatch(typeof(TEntity).Name, controllerType.Name, () => liveness.SilenceOf(name));

        ControllerPipeline<TEntity>? pipeline = null;
        var reconciler = new AmbientReconciler<TEntity>(
            new Reconciler<TEntity>(
                controllerType,
                services.GetRequiredService<IServiceScopeFactory>(),
                client,
                Settings,
                services.GetServices<FinalizerRegistration<TEntity>>(),
                logger
            ),
            () => pipeline!
        );
        var consumer = new QueueConsumer<TEntity>(
            queue,
            services.GetRequiredService<ReconciliationGate<TEntity>>(),
            reconciler,
            new RetryDelays(Settings.ParallelReconciliation, Random.Shared),
            services.GetRequiredService<IEntityLoggingScopeFactory<TEntity>>(),
            new ConsumerContext(
                metrics,
                services.GetService<ActivitySource>(),
                services.GetRequiredService<WorkingReconciliations>(),
                time,
                logger
            )
        );
        var watcher = new EntityWatcher<TEntity>(
            new ResourceStream<TEntity>(
                client,
                Settings.Namespace,
                labelSelector is null
                    ? null
                    : (IEntityLabelSelector<TEntity>)services.GetRequiredService(labelSelector),
                fieldSelector is null ? null : (IEntityFieldSelector<TEntity>)services.GetRequiredService(fieldSelector)
            ),
            new KnownObjects<TEntity>(Settings.ReconcileStrategy),
            new WatchIntake<TEntity>(
                queue,
                services.GetRequiredService<IEntityLoggingScopeFactory<TEntity>>(),
                metrics,
                services.GetService<ActivitySource>(),
                logger
            ).TakeInAsync,
            new WatcherContext(name, liveness, metrics, time, Random.Shared, logger)
        );
        pipeline = new ControllerPipeline<TEntity>(name, queue, consumer, watcher);
        return pipeline;
    }

    private static ILogger Logger<T>(IServiceProvider services) => services.GetRequiredService<ILogger<T>>();

    private void AddShared()
    {
        Services.AddSingleton(Settings);
        Services.AddSingleton(_ => new ActivitySource(Settings.Name));
        if (Settings.EnableMetrics)
        {
            Services.AddSingleton<OperatorMetrics>();
        }

        Services.AddLogging();
        Services.TryAddSingleton(TimeProvider.System);
        Services.TryAddSingleton(_ => KubernetesClientConfiguration.BuildDefaultConfig());
        Services.TryAddSingleton<IKubernetes>(services => new Kubernetes(
            services.GetRequiredService<KubernetesClientConfiguration>()
        ));
        Services.TryAddSingleton<IKubernetesClient>(services => new KubernetesClient.KubernetesClient(
            services.GetRequiredService<KubernetesClientConfiguration>(),
            services.GetRequiredService<IKubernetes>()
        ));
        Services.TryAddSingleton<ICrdResourceFactory, KubeOpsCrdResourceFactory>();
        Services.TryAddSingleton<IEventResourceFactory, KubeOpsEventResourceFactory>();
        Services.TryAddSingleton(typeof(IEntityLoggingScopeFactory<>), typeof(EntityLoggingScopeFactory<>));
        Services.TryAddTransient<IEventPublisherFactory, KubeOpsEventPublisherFactory>();
        Services.TryAddTransient(services => services.GetRequiredService<IEventPublisherFactory>().Create());
        Services.TryAddTransient<IEventFinalizerAttacherFactory, FinalizerAttacherFactory>();
        Services.TryAddSingleton(typeof(DefaultEntityLabelSelector<>));
        Services.TryAddSingleton(typeof(DefaultEntityFieldSelector<>));
        Services.TryAddSingleton<WatchLiveness>();
        Services.TryAddSingleton<WorkingReconciliations>();
        Services.TryAddSingleton<LeaseContention>();
        Services.AddHealthChecks().AddCheck<LivenessCheck>(LivenessCheck.Name);
        AddLeadership();
        if (Settings.ValidateRegistrations)
        {
            Services.AddHostedService<RegistrationValidator>();
        }
    }

    /// <summary>
    /// Hosted services stop in reverse order: the elector, which comes first, releases the Lease after all others.
    /// </summary>
    private void AddLeadership()
    {
        if (Settings.LeaderElectionType == LeaderElectionType.None)
        {
            Services.TryAddSingleton<ILeadership, SoleLeadership>();
            return;
        }

        Services.TryAddSingleton<LeaderElector>(services => new LeaderElector(
            services.GetRequiredService<IKubernetesClient>(),
            Settings,
            services.GetRequiredService<LeaseContention>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<LeaderElector>>()
        ));
        Services.TryAddSingleton<ILeadership>(services => services.GetRequiredService<LeaderElector>());
        Services.AddSingleton<IHostedService>(services => services.GetRequiredService<LeaderElector>());
    }
}
