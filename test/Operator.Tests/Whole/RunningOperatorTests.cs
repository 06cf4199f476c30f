using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Tests.Support;
using Granary.TestSupport;
using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Tests.Whole;

[Collection(OperatorCollection.Name)]
public sealed class RunningOperatorTests(RunningOperator running) : IAsyncLifetime
{
    private string _namespace = "";

    private IKubernetesClient Client => running.Client;

    public async ValueTask InitializeAsync() => _namespace = await running.NewNamespaceAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task From_documents_in_the_wrong_order_to_a_finished_session()
    {
        await CreateAsync(Make.Configuration());
        await PhaseAsync(InvokerPhase.NotReady);

        await CreateAsync(Make.AppBinding());
        await CreateAsync(Secret("sample-postgres-auth"));
        await CreateAsync(Secret("storage-secret"));
        await CreateAsync(Make.Repository());
        await PhaseAsync(InvokerPhase.Ready);
        Assert.NotNull(await Client.GetAsync<V1CronJob>("stash-trigger-pg-backup", _namespace));

        await CreateAsync(Make.Session());
        var job = await JobAsync("stash-backup-pg-backup-1-0");
        await ReportAsync();
        await EndAsync(job);

        var session = await Eventually.ValueAsync("the session to succeed", async () =>
            await Client.GetAsync<BackupSession>("pg-backup-1", _namespace)
                is { Status.Phase: SessionPhase.Succeeded } found
                ? found
                : null
        );
        Assert.True(session.Status.Conditions.IsTrue(ConditionTypes.Ready));
        await Eventually.TrueAsync("the Event of the success", async () =>
            (await Client.ListAsync<Corev1Event>(_namespace)).Any(one =>
                one is { Reason: "Succeeded", InvolvedObject.Name: "pg-backup-1" }
            )
        );
    }

    [Fact]
    public async Task From_a_RestoreSession_to_its_end()
    {
        await PrepareAsync();
        await CreateAsync(Make.Restore("pg-restore", new Rule { Snapshots = ["latest"] }));

        var job = await JobAsync("stash-restore-pg-restore-0");
        await UpdateStatusAsync<RestoreSession>("pg-restore", restore =>
            restore.Status.Stats.Add(new HostRestoreStats { Hostname = "host-0", Phase = HostPhase.Succeeded })
        );
        await EndAsync(job);

        await Eventually.TrueAsync("the restore to succeed", async () =>
            (await Client.GetAsync<RestoreSession>("pg-restore", _namespace))?.Status.Phase == RestorePhase.Succeeded
        );
    }

    [Fact]
    public async Task A_change_of_the_Repository_reaches_its_users_without_a_nudge()
    {
        var other = await running.NewNamespaceAsync();
        await CreateAsync(Secret("storage-secret"), other);
        await CreateAsync(Make.Repository(), other);
        await CreateAsync(Make.AppBinding());
        var configuration = Make.Configuration();
        configuration.Spec.Repository!.Namespace = other;
        await CreateAsync(configuration);
        await PhaseAsync(InvokerPhase.Invalid);

        await Eventually.TrueAsync("the policy to be opened", async () =>
        {
            var repository = await Client.GetAsync<Repository>("storage", other);
            repository!.Spec.UsagePolicy = new UsagePolicy
            {
                AllowedNamespaces = new AllowedNamespaces { From = NamespacesFrom.All },
            };
            await Client.UpdateAsync(repository);
            return true;
        });

        // What is Invalid is looked at again after 30 seconds, also when nothing tells of a change.
        await PhaseAsync(InvokerPhase.Ready, TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task A_reference_to_something_that_vanished_is_pruned()
    {
        await PrepareAsync();
        await UpdateStatusAsync<Repository>("storage", repository => repository.Status.References.Add(
                new TypedObjectReference
                {
                    Kind = "BackupConfiguration",
                    Name = "gone",
                    Namespace = _namespace,
                }
            ));

        await Eventually.TrueAsync("the Repository to be changed", async () =>
        {
            var repository = await Client.GetAsync<Repository>("storage", _namespace);
            repository!.Spec.Backend!.S3!.Region = "eu-1";
            await Client.UpdateAsync(repository);
            return true;
        });

        await Eventually.TrueAsync("the reference to go", async () =>
            (await Client.GetAsync<Repository>("storage", _namespace))!.Status
                is { References.Count: 0, ObservedGeneration: 2 }
        );
    }

    [Fact]
    public async Task A_trigger_Job_goes_when_it_has_succeeded_and_stays_when_it_has_failed()
    {
        var (good, bad) = (TriggerJob("good"), TriggerJob("bad"));
        await CreateAsync(good);
        await CreateAsync(bad);
        await EndAsync((await Client.GetAsync<V1Job>("bad", _namespace))!, "Failed");
        await EndAsync((await Client.GetAsync<V1Job>("good", _namespace))!);

        await Eventually.TrueAsync("the good one to go", async () =>
            await Client.GetAsync<V1Job>("good", _namespace) is null or { Metadata.DeletionTimestamp: not null }
        );
        Assert.NotNull(await Client.GetAsync<V1Job>("bad", _namespace));
    }

    [Fact]
    public async Task Deleting_a_configuration_takes_its_finalizer_and_its_reference()
    {
        await PrepareAsync();
        await CreateAsync(Make.Configuration());
        await PhaseAsync(InvokerPhase.Ready);

        await Client.DeleteAsync<BackupConfiguration>("pg-backup", _namespace);

        await Eventually.TrueAsync("the configuration to go", async () =>
            await Client.GetAsync<BackupConfiguration>("pg-backup", _namespace) is null
        );
        Assert.Empty((await Client.GetAsync<Repository>("storage", _namespace))!.Status.References);
    }

    [Fact]
    public async Task A_Repository_goes_when_it_is_deleted_and_its_users_say_so()
    {
        await PrepareAsync();
        await CreateAsync(Make.Configuration());
        await PhaseAsync(InvokerPhase.Ready);

        await Client.DeleteAsync<Repository>("storage", _namespace);

        await Eventually.TrueAsync("the Repository to go", async () =>
            await Client.GetAsync<Repository>("storage", _namespace) is null
        );
        await PhaseAsync(InvokerPhase.NotReady);
    }

    [Fact]
    public async Task Metrics_and_probes_are_served()
    {
        Assert.Equal("ok", await running.GetTextAsync("/healthz", TestContext.Current.CancellationToken));
        Assert.Equal("ok", await running.GetTextAsync("/readyz", TestContext.Current.CancellationToken));
        Assert.Contains(
            "# TYPE",
            await running.GetTextAsync("/metrics", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    private static V1Secret Secret(string name) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = name },
            Data = new Dictionary<string, byte[]> { ["RESTIC_PASSWORD"] = "x"u8.ToArray() },
        };

    private static V1Job TriggerJob(string name) =>
        new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                Labels = new Dictionary<string, string>(Labels.Offshoot(null, Labels.BackupComponent))
                {
                    [Labels.DeleteJobOnCompletion] = "true",
                },
            },
            Spec = new V1JobSpec
            {
                Template = new V1PodTemplateSpec
                {
                    Spec = new V1PodSpec
                    {
                        RestartPolicy = "Never",
                        Containers = [new V1Container { Name = "c", Image = "i" }],
                    },
                },
            },
        };

    private async Task PrepareAsync()
    {
        await CreateAsync(Secret("storage-secret"));
        await CreateAsync(Secret("sample-postgres-auth"));
        await CreateAsync(Make.Repository());
        await CreateAsync(Make.AppBinding());
    }

    private async Task CreateAsync<T>(T entity, string? @namespace = null)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        entity.Metadata = new V1ObjectMeta
        {
            Name = entity.Metadata.Name,
            NamespaceProperty = @namespace ?? _namespace,
            Labels = entity.Metadata.Labels,
        };
        await Client.CreateAsync(entity);
    }

    private Task PhaseAsync(string phase, TimeSpan? within = null) =>
        Eventually.TrueAsync(
            $"the configuration to be {phase}",
            async () => (await Client.GetAsync<BackupConfiguration>("pg-backup", _namespace))?.Status.Phase == phase,
            within
        );

    private Task<V1Job> JobAsync(string name) =>
        Eventually.ValueAsync($"Job {name}", () => Client.GetAsync<V1Job>(name, _namespace));

    private Task ReportAsync() => UpdateStatusAsync<BackupSession>("pg-backup-1", session =>
        {
            session
                .Status.Targets[0]
                .Stats.Add(new HostBackupStats { Hostname = "host-0", Phase = HostPhase.Succeeded });
            session.Status.Conditions.Set(ConditionTypes.RetentionPolicyApplied, true, "r", "m", DateTimeOffset.UtcNow);
            session.Status.Conditions.Set(
                ConditionTypes.RepositoryIntegrityVerified,
                true,
                "r",
                "m",
                DateTimeOffset.UtcNow
            );
        });

    /// <summary>Writes a status as the worker does: a conflict with the operator means to read again.</summary>
    private Task UpdateStatusAsync<T>(string name, Action<T> change)
        where T : class, IKubernetesObject<V1ObjectMeta> => Eventually.TrueAsync($"a write of {name}", async () =>
        {
            var entity = await Client.GetAsync<T>(name, _namespace);
            change(entity!);
            await Client.UpdateStatusAsync(entity!);
            return true;
        });

    private async Task EndAsync(V1Job job, string type = "Complete")
    {
        job.Status = new V1JobStatus
        {
            Conditions =
            [
                new V1JobCondition
                {
                    Type = type,
                    Status = "True",
                    LastTransitionTime = DateTime.UtcNow,
                    LastProbeTime = DateTime.UtcNow,
                },
            ],
        };
        await Client.UpdateStatusAsync(job);
    }
}
