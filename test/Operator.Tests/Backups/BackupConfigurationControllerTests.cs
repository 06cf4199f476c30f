using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Tests.Support;
using k8s.Models;

namespace Granary.Operator.Tests.Backups;

[Collection(ClusterCollection.Name)]
public sealed class BackupConfigurationControllerTests(TestCluster cluster) : IAsyncLifetime
{
    private Bench _bench = null!; // Set before each test.

    public async ValueTask InitializeAsync() => _bench = await Bench.StartAsync(cluster);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task With_everything_there_it_gets_a_CronJob_and_is_Ready()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Configuration());

        var result = await _bench.ReconcileAsync<BackupConfiguration>("pg-backup");

        var stored = await _bench.GetAsync<BackupConfiguration>("pg-backup");
        Assert.Equal(InvokerPhase.Ready, stored.Status.Phase);
        Assert.Equal(stored.Metadata.Generation, stored.Status.ObservedGeneration);
        Assert.Equal(["stash.appscode.com"], stored.Metadata.Finalizers);
        Assert.Equal(
            [
                ("RepositoryFound", "True", "RepositoryAvailable"),
                ("BackendSecretFound", "True", "BackendSecretAvailable"),
                ("ValidationPassed", "True", "ResourceValidationPassed"),
                ("BackupTargetFound", "True", "TargetAvailable"),
                ("CronJobCreated", "True", "CronJobCreationSucceeded"),
                ("Ready", "True", "Ready"),
            ],
            stored.Status.Conditions.Select(one => (one.Type, one.Status, one.Reason!))
        );
        Assert.All(stored.Status.Conditions, one => Assert.Equal(stored.Metadata.Generation, one.ObservedGeneration));
        Assert.Equal(Make.Options.ResyncPeriod, result.RequeueAfter);

        var cronJob = await _bench.GetAsync<V1CronJob>("stash-trigger-pg-backup");
        Assert.Equal(("*/5 * * * *", false), (cronJob.Spec.Schedule, cronJob.Spec.Suspend));
        Assert.Equal(stored.Metadata.Uid, Assert.Single(cronJob.Metadata.OwnerReferences).Uid);
        Assert.NotNull(await _bench.FindAsync<V1ServiceAccount>("stash-trigger-pg-backup"));
        var binding = await _bench.GetAsync<V1RoleBinding>("stash-trigger-pg-backup");
        Assert.Equal(("ClusterRole", "stash-cron-job"), (binding.RoleRef.Kind, binding.RoleRef.Name));
        var reference = Assert.Single((await _bench.GetAsync<Repository>("storage")).Status.References);
        Assert.Equal(
            ("BackupConfiguration", "pg-backup", _bench.Namespace),
            (reference.Kind, reference.Name, reference.Namespace)
        );
        Assert.Equal("Ready", Assert.Single(_bench.Events).Reason);
    }

    [Fact]
    public async Task Reconciling_twice_changes_nothing()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Configuration());
        await _bench.ReconcileConfigurationAsync();
        var versions = await VersionsAsync();

        await _bench.ReconcileConfigurationAsync();

        Assert.Equal(versions, await VersionsAsync());
    }

    [Fact]
    public async Task What_is_missing_is_named_and_waited_for()
    {
        await _bench.CreateAsync(Make.Configuration());
        await ExpectAsync(InvokerPhase.NotReady, ConditionTypes.RepositoryFound, "False", "Repository");

        await _bench.CreateAsync(Make.Repository());
        await ExpectAsync(
            InvokerPhase.NotReady,
            ConditionTypes.BackendSecretFound,
            "False",
            "storage-secret does not exist"
        );

        await _bench.CreateAsync(_bench.Secret("storage-secret"));
        await ExpectAsync(InvokerPhase.NotReady, ConditionTypes.BackupTargetFound, "False", "AppBinding");
        Assert.Null(await _bench.FindAsync<V1CronJob>("stash-trigger-pg-backup"));

        await _bench.CreateAsync(Make.AppBinding());
        await ExpectAsync(InvokerPhase.Ready, ConditionTypes.Ready, "True", "");

        await _bench.Client.DeleteAsync<AppBinding>("sample-postgres", _bench.Namespace);
        await ExpectAsync(InvokerPhase.NotReady, ConditionTypes.BackupTargetFound, "False", "AppBinding");
    }

    [Fact]
    public async Task A_Repository_that_is_being_deleted_counts_as_missing()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Configuration());
        await _bench.ReconcileAsync<Repository>("storage");
        await _bench.Client.DeleteAsync<Repository>("storage", _bench.Namespace);

        await ExpectAsync(InvokerPhase.NotReady, ConditionTypes.RepositoryFound, "False", "is being deleted");
    }

    [Theory]
    [InlineData("Deployment", "Restic", "spec.target.ref.kind")]
    [InlineData("AppBinding", "VolumeSnapshotter", "spec.driver")]
    public async Task What_is_not_supported_yet_is_Invalid(string kind, string driver, string path)
    {
        await _bench.PrepareAsync();
        var configuration = Make.Configuration();
        configuration.Spec.Driver = driver;
        configuration.Spec.Target!.Ref!.Kind = kind;
        await _bench.CreateAsync(configuration);

        await ExpectAsync(InvokerPhase.Invalid, ConditionTypes.ValidationPassed, "False", path);
    }

    [Fact]
    public async Task A_bad_schedule_is_Invalid_also_without_the_webhook()
    {
        await _bench.PrepareAsync();
        var configuration = Make.Configuration();
        configuration.Spec.Schedule = "every day";
        await _bench.CreateAsync(configuration);

        await ExpectAsync(InvokerPhase.Invalid, ConditionTypes.ValidationPassed, "False", "spec.schedule");
        Assert.Null(await _bench.FindAsync<V1CronJob>("stash-trigger-pg-backup"));
    }

    [Fact]
    public async Task A_usage_policy_keeps_out_and_lets_in()
    {
        await using var other = await Bench.StartAsync(cluster);
        await other.PrepareAsync();
        await _bench.CreateAsync(Make.AppBinding());
        var configuration = Make.Configuration();
        configuration.Spec.Repository!.Namespace = other.Namespace;
        await _bench.CreateAsync(configuration);
        await ExpectAsync(
            InvokerPhase.Invalid,
            ConditionTypes.ValidationPassed,
            "False",
            "not allowed to use Repository"
        );

        var repository = await other.GetAsync<Repository>("storage");
        repository.Spec.UsagePolicy = new UsagePolicy
        {
            AllowedNamespaces = new AllowedNamespaces
            {
                From = NamespacesFrom.Selector,
                Selector = new V1LabelSelector
                {
                    MatchLabels = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = _bench.Namespace },
                },
            },
        };
        await other.Client.UpdateAsync(repository);
        await ExpectAsync(InvokerPhase.Ready, ConditionTypes.ValidationPassed, "True", "");
    }

    [Fact]
    public async Task With_an_account_of_the_users_only_the_binding_is_made()
    {
        await _bench.PrepareAsync();
        var configuration = Make.Configuration();
        configuration.Spec.RuntimeSettings = new RuntimeSettings
        {
            Pod = new PodRuntimeSettings { ServiceAccountName = "mine" },
        };
        await _bench.CreateAsync(configuration);

        await _bench.ReconcileConfigurationAsync();

        Assert.Null(await _bench.FindAsync<V1ServiceAccount>("stash-trigger-pg-backup"));
        Assert.Equal(
            "mine",
            Assert.Single((await _bench.GetAsync<V1RoleBinding>("stash-trigger-pg-backup")).Subjects).Name
        );
        Assert.Equal("mine", (await PodAsync()).ServiceAccountName);
    }

    [Fact]
    public async Task Deleting_it_takes_its_reference_from_the_Repository()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Configuration());
        await _bench.ReconcileConfigurationAsync();
        await _bench.Client.DeleteAsync<BackupConfiguration>("pg-backup", _bench.Namespace);

        var result = await _bench.FinalizeAsync<BackupConfiguration>("pg-backup", Finalizers.Invoker);

        Assert.True(result.IsSuccess);
        Assert.Empty((await _bench.GetAsync<Repository>("storage")).Status.References);
    }

    // The operator dies before or after each of its writes; whoever comes next finishes the job.
    [Fact]
    public async Task A_crash_between_any_two_writes_heals()
    {
        var faults = new FaultyApi();
        await using var measured = await Bench.StartAsync(cluster, faults: faults);
        await measured.PrepareAsync();
        await measured.CreateAsync(Make.Configuration());
        await measured.ReconcileConfigurationAsync();
        Assert.InRange(faults.Writes, 5, 20);

        for (var write = 1; write <= faults.Writes; write++)
        {
            foreach (var isBefore in new[] { true, false })
            {
                var dying = new FaultyApi { DieBefore = isBefore ? write : 0, DieAfter = isBefore ? 0 : write };
                await using var bench = await Bench.StartAsync(cluster, faults: dying);
                await bench.PrepareAsync();
                await bench.CreateAsync(Make.Configuration());
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => bench.ReconcileConfigurationAsync());

                await bench.ReconcileConfigurationAsync();

                var stored = await bench.GetAsync<BackupConfiguration>("pg-backup");
                Assert.Equal(InvokerPhase.Ready, stored.Status.Phase);
                Assert.Equal("*/5 * * * *", (await bench.GetAsync<V1CronJob>("stash-trigger-pg-backup")).Spec.Schedule);
                Assert.Single((await bench.GetAsync<Repository>("storage")).Status.References);
            }
        }
    }

    private async Task ExpectAsync(string phase, string condition, string status, string message)
    {
        await _bench.ReconcileConfigurationAsync();
        var stored = await _bench.GetAsync<BackupConfiguration>("pg-backup");
        var found = stored.Status.Conditions.Find(condition);
        Assert.Equal((phase, status), (stored.Status.Phase, found?.Status));
        Assert.Contains(message, found?.Message, StringComparison.Ordinal);
        var ready = stored.Status.Conditions.Find(ConditionTypes.Ready);
        Assert.Equal((phase == InvokerPhase.Ready ? "True" : "False", phase), (ready?.Status, ready?.Reason));
    }

    private async Task<V1PodSpec> PodAsync() =>
        (await _bench.GetAsync<V1CronJob>("stash-trigger-pg-backup")).Spec.JobTemplate.Spec.Template.Spec;

    private async Task<List<string>> VersionsAsync() =>
        [
            (await _bench.GetAsync<BackupConfiguration>("pg-backup")).Metadata.ResourceVersion,
            (await _bench.GetAsync<Repository>("storage")).Metadata.ResourceVersion,
            (await _bench.GetAsync<V1CronJob>("stash-trigger-pg-backup")).Metadata.ResourceVersion,
            (await _bench.GetAsync<V1RoleBinding>("stash-trigger-pg-backup")).Metadata.ResourceVersion,
            (await _bench.GetAsync<V1ServiceAccount>("stash-trigger-pg-backup")).Metadata.ResourceVersion,
        ];
}
