using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.TestSupport;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Events;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.KubernetesClient;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Operator.Tests.Support;

/// <summary>The operator's own composition against the test's API server; a test calls each reconcile itself.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly WebApplication _operator;

    private Bench(TestCluster cluster, string @namespace, OperatorOptions options, FaultyApi? faults)
    {
        _cluster = cluster;
        Namespace = @namespace;
        _operator = OperatorHost.Build(options, services =>
        {
            services.AddSingleton<TimeProvider>(cluster.Clock);
            services.AddSingleton(cluster.NewClient(faults));
            services.AddTransient<EventPublisher>(_ =>
                (_, reason, message, type, _) =>
                {
                    Events.Add((type, reason, message));
                    return Task.CompletedTask;
                }
            );
            services.AddTransient<EntityQueue<BackupSession>>(_ => (one, _, _, _, _, _) => Wake(one));
            services.AddTransient<EntityQueue<BackupConfiguration>>(_ => (one, _, _, _, _, _) => Wake(one));
        });
    }

    public string Namespace { get; }

    public List<(EventType Type, string Reason, string Message)> Events { get; } = [];

    /// <summary>Names of sessions and configurations that a reconcile asked to have looked at.</summary>
    public List<string> Woken { get; } = [];

    public IKubernetesClient Client => _cluster.Client;

    public static async Task<Bench> StartAsync(
        TestCluster cluster,
        OperatorOptions? options = null,
        FaultyApi? faults = null
    )
    {
        var name = $"test-{Guid.NewGuid():N}"[..16];
        await cluster.Client.CreateAsync(
            new V1Namespace
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    Labels = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = name },
                },
            }
        );
        return new Bench(
            cluster,
            name,
            (options ?? Make.Options) with
            {
                LeaderElection = false,
                EnableWebhooks = false,
            },
            faults
        );
    }

    /// <summary>The Secrets, the Repository and the AppBinding that a BackupConfiguration needs.</summary>
    public async Task PrepareAsync()
    {
        await CreateAsync(Secret("storage-secret"));
        await CreateAsync(Secret("sample-postgres-auth"));
        await CreateAsync(Make.Repository());
        await CreateAsync(Make.AppBinding());
    }

    /// <summary>A configuration that is Ready with all it needs, and a session of it that was not seen yet.</summary>
    public async Task ReadyAsync(Action<BackupConfiguration>? change = null)
    {
        var configuration = Make.Configuration();
        change?.Invoke(configuration);
        if (configuration.Spec.Repository?.Namespace is null)
        {
            await PrepareAsync();
        }
        else
        {
            await CreateAsync(Secret("sample-postgres-auth"));
            await CreateAsync(Make.AppBinding());
        }

        await CreateAsync(configuration);
        await ReconcileConfigurationAsync();
        await CreateAsync(Make.Session());
    }

    /// <summary>Says which namespaces may use the Repository.</summary>
    /// <param name="from">One of <see cref="NamespacesFrom"/>.</param>
    public async Task AllowAsync(string from)
    {
        var repository = await GetAsync<Repository>("storage");
        repository.Spec.UsagePolicy = new UsagePolicy { AllowedNamespaces = new AllowedNamespaces { From = from } };
        await Client.UpdateAsync(repository);
    }

    public V1Secret Secret(string name) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = name },
            Data = new Dictionary<string, byte[]> { ["RESTIC_PASSWORD"] = "x"u8.ToArray() },
        };

    public async Task<T> CreateAsync<T>(T entity)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        entity.Metadata.NamespaceProperty = Namespace;
        entity.Metadata.Uid = null;
        entity.Metadata.CreationTimestamp = null;
        entity.Metadata.ResourceVersion = null;
        entity.Metadata.Generation = null;
        return await Client.CreateAsync(entity);
    }

    public async Task<T> GetAsync<T>(string name)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        await Client.GetAsync<T>(name, Namespace)
        ?? throw new InvalidOperationException($"{typeof(T).Name} {name} does not exist");

    public async Task<T?> FindAsync<T>(string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => await Client.GetAsync<T>(name, Namespace);

    /// <summary>One reconcile as KubeOps would run it: on the object as it is stored now.</summary>
    public async Task<ReconciliationResult<T>> ReconcileAsync<T>(string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => await ReconcileAsync(await GetAsync<T>(name));

    /// <summary>One reconcile on an object that may be out of date.</summary>
    public async Task<ReconciliationResult<T>> ReconcileAsync<T>(T entity)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        await using var scope = _operator.Services.CreateAsyncScope();
        var controller = scope.ServiceProvider.GetRequiredService<IEntityController<T>>();
        return await controller.ReconcileAsync(entity, TestContext.Current.CancellationToken);
    }

    public async Task<ReconciliationResult<T>> FinalizeAsync<T>(string name, string finalizer)
        where T : class, IKubernetesObject<V1ObjectMeta> => await FinalizeAsync(await GetAsync<T>(name), finalizer);

    public async Task<ReconciliationResult<T>> FinalizeAsync<T>(T entity, string finalizer)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        await using var scope = _operator.Services.CreateAsyncScope();
        var implementation = scope.ServiceProvider.GetRequiredKeyedService<IEntityFinalizer<T>>(finalizer);
        return await implementation.FinalizeAsync(entity, TestContext.Current.CancellationToken);
    }

    public Task ReconcileConfigurationAsync(string name = "pg-backup") => ReconcileAsync<BackupConfiguration>(name);

    public async Task<BackupSession> ReconcileSessionAsync(string name = "pg-backup-1")
    {
        await ReconcileAsync<BackupSession>(name);
        return await GetAsync<BackupSession>(name);
    }

    public async Task<RestoreSession> ReconcileRestoreAsync(string name = "pg-restore")
    {
        await ReconcileAsync<RestoreSession>(name);
        return await GetAsync<RestoreSession>(name);
    }

    /// <summary>What the Job controller and the kubelet would write.</summary>
    public async Task EndJobAsync(string name, bool succeeded, V1Pod? pod = null)
    {
        if (pod is not null)
        {
            var status = pod.Status;
            pod.Metadata.Labels = new Dictionary<string, string> { ["batch.kubernetes.io/job-name"] = name };
            pod.Spec ??= new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "i" }] };
            var stored = await CreateAsync(pod);
            stored.Status = status;
            await Client.UpdateStatusAsync(stored);
        }

        var job = await GetAsync<V1Job>(name);
        var now = _cluster.Clock.GetUtcNow().UtcDateTime;
        job.Status = new V1JobStatus
        {
            StartTime = now,
            CompletionTime = succeeded ? now : null,
            Succeeded = succeeded ? 1 : null,
            Failed = succeeded ? null : 1,
            Conditions =
            [
                new V1JobCondition
                {
                    Type = succeeded ? "Complete" : "Failed",
                    Status = "True",
                    Reason = succeeded ? null : "BackoffLimitExceeded",
                    LastTransitionTime = now,
                    LastProbeTime = now,
                },
            ],
        };
        await Client.UpdateStatusAsync(job);
    }

    /// <summary>What the Job controller writes when the API server does not take a Job's Pod.</summary>
    public async Task RefusePodsAsync(V1Job job, string message) =>
        await CreateAsync(
            new Corev1Event
            {
                Metadata = new V1ObjectMeta { Name = "refused" },
                InvolvedObject = new V1ObjectReference
                {
                    ApiVersion = "batch/v1",
                    Kind = "Job",
                    Name = job.Metadata.Name,
                    NamespaceProperty = Namespace,
                    Uid = job.Metadata.Uid,
                },
                Type = "Warning",
                Reason = "FailedCreate",
                Message = message,
                LastTimestamp = _cluster.Clock.GetUtcNow().UtcDateTime,
            }
        );

    public Task WaitUntilGoneAsync(string job) =>
        Eventually.TrueAsync("the Job to be gone", async () =>
            await FindAsync<V1Job>(job) is null or { Metadata.DeletionTimestamp: not null }
        );

    /// <summary>What the worker's update-status writes at the end of a good backup.</summary>
    public async Task ReportAsync(
        string session = "pg-backup-1",
        string phase = HostPhase.Succeeded,
        string? error = null
    )
    {
        var stored = await GetAsync<BackupSession>(session);
        stored
            .Status.Targets[0]
            .Stats.Add(
                new HostBackupStats
                {
                    Hostname = "host-0",
                    Phase = phase,
                    Error = error,
                    Duration = "1m2s",
                }
            );
        if (phase == HostPhase.Succeeded)
        {
            var now = _cluster.Clock.GetUtcNow();
            stored.Status.Conditions.Set(ConditionTypes.RetentionPolicyApplied, true, "r", "m", now);
            stored.Status.Conditions.Set(ConditionTypes.RepositoryIntegrityVerified, true, "r", "m", now);
            stored.Status.Conditions.Set(ConditionTypes.RepositoryMetricsPushed, true, "r", "m", now);
        }

        await Client.UpdateStatusAsync(stored);
    }

    private Task<bool> Wake(IKubernetesObject<V1ObjectMeta> entity)
    {
        Woken.Add(entity.Metadata.Name);
        return Task.FromResult(true);
    }

    public ValueTask DisposeAsync() => _operator.DisposeAsync();
}
