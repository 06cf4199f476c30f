using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Tests.Support;
using Granary.TestSupport;
using k8s.Models;

namespace Granary.Operator.Tests.Sessions;

[Collection(ClusterCollection.Name)]
public sealed class BackupSessionControllerTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Job = "stash-backup-pg-backup-1-0";

    private Bench _bench = null!; // Set before each test.

    public async ValueTask InitializeAsync() => _bench = await Bench.StartAsync(cluster);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_session_becomes_a_Job_made_from_the_catalog()
    {
        await _bench.ReadyAsync();

        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Running, session.Status.Phase);
        var target = Assert.Single(session.Status.Targets);
        Assert.Equal(
            ("AppBinding", "sample-postgres", _bench.Namespace),
            (target.Ref!.Kind, target.Ref.Name, target.Ref.Namespace)
        );
        Assert.Equal((1, TargetPhase.Running), (target.TotalHosts, target.Phase));
        Assert.Equal(["InitializeBackendRepository"], target.PreBackupActions);
        Assert.Equal(
            ["ApplyRetentionPolicy", "VerifyRepositoryIntegrity", "SendRepositoryMetrics"],
            target.PostBackupActions
        );
        Assert.True(target.Conditions.IsTrue(ConditionTypes.BackupExecutorEnsured));

        var pod = (await _bench.GetAsync<V1Job>(Job)).Spec.Template.Spec;
        var backup = Assert.Single(pod.InitContainers);
        var update = Assert.Single(pod.Containers);
        Assert.Equal(("postgres-backup-17-2-0", "update-status-1"), (backup.Name, update.Name));
        Assert.Contains("--bucket=backups", backup.Args);
        Assert.Contains("--hostname=host-0", backup.Args);
        Assert.Contains("--appbinding=sample-postgres", backup.Args);
        Assert.Contains("--backup-cmd=pg_dumpall", backup.Args);
        Assert.Contains("--output-dir=/stash-tmp/output", backup.Args);
        Assert.Contains("--backupsession=pg-backup-1", update.Args);
        Assert.Contains("--storage-secret-name=storage-secret", update.Args);
        Assert.Equal("backupconfiguration-pg-backup-0", pod.ServiceAccountName);
        Assert.NotNull(await _bench.FindAsync<V1ServiceAccount>("backupconfiguration-pg-backup-0"));
        Assert.Equal(
            "stash-backup-job",
            (await _bench.GetAsync<V1RoleBinding>("backupconfiguration-pg-backup-0")).RoleRef.Name
        );
    }

    [Fact]
    public async Task A_session_written_by_hand_gets_labels_and_owner()
    {
        await _bench.ReadyAsync();

        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal("pg-backup", session.Metadata.Labels["stash.appscode.com/invoker-name"]);
        Assert.Equal("BackupConfiguration", session.Metadata.Labels["stash.appscode.com/invoker-type"]);
        Assert.Equal("sample-postgres", session.Metadata.Labels["stash.appscode.com/target-name"]);
        Assert.Equal("pg-backup", Assert.Single(session.Metadata.OwnerReferences).Name);
    }

    [Fact]
    public async Task Reconciling_a_running_session_twice_changes_nothing()
    {
        await _bench.ReadyAsync();
        var first = await _bench.ReconcileSessionAsync();

        var second = await _bench.ReconcileSessionAsync();

        Assert.Equal(first.Metadata.ResourceVersion, second.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task After_the_report_and_the_end_of_the_Job_the_session_succeeds()
    {
        await _bench.ReadyAsync();
        await _bench.ReconcileSessionAsync();
        await _bench.ReportAsync();
        Assert.Equal(SessionPhase.Running, (await _bench.ReconcileSessionAsync()).Status.Phase);
        await _bench.EndJobAsync(Job, succeeded: true);

        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Succeeded, session.Status.Phase);
        Assert.Equal(TargetPhase.Succeeded, session.Status.Targets[0].Phase);
        Assert.NotNull(session.Status.SessionDuration);
        Assert.True(session.Status.Conditions.IsTrue(ConditionTypes.BackupHistoryCleaned));
        Assert.True(session.Status.Conditions.IsTrue(ConditionTypes.MetricsPushed));
        Assert.True(session.Status.Conditions.IsTrue(ConditionTypes.Ready));
        Assert.Equal(
            ["Running", "Succeeded"],
            _bench.Events.Where(one => one.Reason is not "Ready").Select(one => one.Reason)
        );

        Assert.Equal(session.Metadata.ResourceVersion, (await _bench.ReconcileSessionAsync()).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task A_failed_backup_fails_the_session_with_the_workers_words()
    {
        await _bench.ReadyAsync();
        await _bench.ReconcileSessionAsync();
        await _bench.ReportAsync(phase: HostPhase.Failed, error: "pg_dumpall: error: role \"x\" does not exist");
        await _bench.EndJobAsync(Job, succeeded: true);

        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Failed, session.Status.Phase);
        var ready = session.Status.Conditions.Find(ConditionTypes.Ready)!;
        Assert.Equal(
            ("False", "Failed", "pg_dumpall: error: role \"x\" does not exist"),
            (ready.Status, ready.Reason, ready.Message)
        );
    }

    [Fact]
    public async Task Without_its_Task_the_session_fails_and_says_so()
    {
        await _bench.ReadyAsync(configuration => configuration.Spec.Task!.Name = "postgres-backup-99");

        await _bench.ReconcileSessionAsync();
        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Failed, session.Status.Phase);
        var condition = session.Status.Targets[0].Conditions.Find(ConditionTypes.BackupExecutorEnsured)!;
        Assert.Equal(("False", "the Task postgres-backup-99 does not exist"), (condition.Status, condition.Message));
        Assert.Null(await _bench.FindAsync<V1Job>(Job));
    }

    [Fact]
    public async Task A_missing_database_Secret_is_named()
    {
        await _bench.ReadyAsync();
        await _bench.Client.DeleteAsync<V1Secret>("sample-postgres-auth", _bench.Namespace);

        await _bench.ReconcileSessionAsync();
        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Failed, session.Status.Phase);
        Assert.Contains(
            "sample-postgres-auth does not exist",
            session.Status.Conditions.Find(ConditionTypes.Ready)!.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_Task_may_come_from_the_AppBinding()
    {
        await _bench.ReadyAsync(configuration => configuration.Spec.Task = null);
        var appBinding = await _bench.GetAsync<AppBinding>("sample-postgres");
        appBinding.Spec.Parameters = System
            .Text.Json.JsonDocument.Parse(
                """
                {"apiVersion":"appcatalog.appscode.com/v1alpha1","kind":"StashAddon","stash":{"addon":{
                  "backupTask":{"name":"postgres-backup-17.2","params":[{"name":"args","value":"--clean"}]}}}}
                """
            )
            .RootElement;
        await _bench.Client.UpdateAsync(appBinding);

        await _bench.ReconcileSessionAsync();

        Assert.Contains(
            "--pg-args=--clean",
            (await _bench.GetAsync<V1Job>(Job)).Spec.Template.Spec.InitContainers[0].Args
        );
    }

    [Fact]
    public async Task While_one_session_runs_the_next_is_skipped()
    {
        await _bench.ReadyAsync();
        await _bench.ReconcileSessionAsync();
        await _bench.CreateAsync(Make.Session("pg-backup-2"));

        var second = await _bench.ReconcileSessionAsync("pg-backup-2");

        Assert.Equal(SessionPhase.Skipped, second.Status.Phase);
        Assert.Equal("SkippedTakingNewBackup", second.Status.Conditions.Find(ConditionTypes.BackupSkipped)!.Reason);
        Assert.Null(await _bench.FindAsync<V1Job>("stash-backup-pg-backup-2-0"));
    }

    [Fact]
    public async Task Old_sessions_go_as_the_history_limit_says()
    {
        await _bench.ReadyAsync(configuration => configuration.Spec.BackupHistoryLimit = 1);
        await RunAsync("pg-backup-1");
        cluster.Clock.Advance(TimeSpan.FromSeconds(5));
        await _bench.CreateAsync(Make.Session("pg-backup-2"));

        await RunAsync("pg-backup-2");

        Assert.Null(await _bench.FindAsync<BackupSession>("pg-backup-1"));
        Assert.Equal(SessionPhase.Succeeded, (await _bench.GetAsync<BackupSession>("pg-backup-2")).Status.Phase);
    }

    [Fact]
    public async Task A_Repository_in_another_namespace_gives_the_Job_a_right_to_exactly_that_one()
    {
        await using var other = await Bench.StartAsync(cluster);
        await other.PrepareAsync();
        await other.AllowAsync(NamespacesFrom.All);
        await _bench.ReadyAsync(configuration => configuration.Spec.Repository!.Namespace = other.Namespace);

        await _bench.ReconcileSessionAsync();

        var name = ObjectNames.RepositoryRole(_bench.Namespace, Job);
        var role = await other.GetAsync<V1Role>(name);
        Assert.Contains(role.Rules, rule =>
            rule.Resources[0] == "secrets"
            && rule.ResourceNames[0] == "storage-secret"
            && rule.Verbs.SequenceEqual(["get"])
        );
        Assert.All(role.Rules, rule => Assert.Single(rule.ResourceNames));
        var subject = Assert.Single((await other.GetAsync<V1RoleBinding>(name)).Subjects);
        Assert.Equal(("backupconfiguration-pg-backup-0", _bench.Namespace), (subject.Name, subject.NamespaceProperty));
        var job = await _bench.GetAsync<V1Job>(Job);
        Assert.DoesNotContain(job.Spec.Template.Spec.Volumes, volume => volume.Name == "granary-storage");

        await _bench.Client.DeleteAsync<BackupConfiguration>("pg-backup", _bench.Namespace);
        await _bench.FinalizeAsync<BackupConfiguration>("pg-backup", Finalizers.Invoker);
        Assert.Null(await other.FindAsync<V1Role>(name));
        Assert.Null(await other.FindAsync<V1RoleBinding>(name));
        Assert.Empty((await other.GetAsync<Repository>("storage")).Status.References);
    }

    // The operator dies before or after each write of the way from Pending to Succeeded.
    [Fact]
    public async Task A_crash_between_any_two_writes_heals()
    {
        var measured = new FaultyApi();
        await using (var bench = await Bench.StartAsync(cluster, faults: measured))
        {
            await bench.ReadyAsync();
            measured.Reset();
            await RunAsync("pg-backup-1", bench);
        }

        Assert.InRange(measured.Writes, 5, 20);
        for (var write = 1; write <= measured.Writes; write++)
        {
            foreach (var isBefore in new[] { true, false })
            {
                var dying = new FaultyApi();
                await using var bench = await Bench.StartAsync(cluster, faults: dying);
                await bench.ReadyAsync();
                dying.Reset();
                (dying.DieBefore, dying.DieAfter) = isBefore ? (write, 0) : (0, write);

                await RunAsync("pg-backup-1", bench);

                var session = await bench.GetAsync<BackupSession>("pg-backup-1");
                Assert.Equal(SessionPhase.Succeeded, session.Status.Phase);
                Assert.Single(session.Status.Targets);
                Assert.Single(await bench.Client.ListAsync<V1Job>(bench.Namespace));
            }
        }
    }

    /// <summary>
    /// Plays worker and Job controller to the operator's part, and tries again when the operator died.
    /// </summary>
    private async Task RunAsync(string name, Bench? on = null)
    {
        var bench = on ?? _bench;
        var job = ObjectNames.BackupJob(name, 0);
        await RetryingAsync(() => bench.ReconcileSessionAsync(name));
        await bench.ReportAsync(name);
        await bench.EndJobAsync(job, succeeded: true);
        await RetryingAsync(() => bench.ReconcileSessionAsync(name));
    }

    private static async Task RetryingAsync(Func<Task<BackupSession>> reconcile)
    {
        try
        {
            await reconcile();
        }
        catch (HttpRequestException)
        {
            await reconcile();
        }
    }
}
