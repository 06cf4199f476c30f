using Granary.Api.Names;

namespace Granary.Api.Tests.Names;

public sealed class ObjectNamesTests
{
    private static readonly string Long = string.Concat(Enumerable.Range(0, 26).Select(i => $"{(char)('a' + i)}bc"));

    [Fact]
    public void Sessions_are_named_after_invoker_and_second() =>
        Assert.Equal(
            "sample-postgres-backup-1731369600",
            ObjectNames.BackupSession("sample-postgres-backup", DateTimeOffset.FromUnixTimeSeconds(1731369600))
        );

    [Theory]
    [InlineData("sample-repo", "5a3f2b1c99887766", "sample-repo-5a3f2b1c")]
    public void Snapshots_are_named_after_repository_and_id(string repository, string id, string expected) =>
        Assert.Equal(expected, ObjectNames.Snapshot(repository, id));

    [Theory]
    [InlineData("sample", null, "stash-trigger-sample")]
    [InlineData("sample", "demo", "stash-trigger-sample")]
    public void Trigger_names_tell_the_namespace_only_when_the_target_is_elsewhere(
        string name,
        string? targetNamespace,
        string expected
    ) => Assert.Equal(expected, ObjectNames.TriggerCronJob(name, "demo", targetNamespace));

    [Fact]
    public void A_long_trigger_name_keeps_its_beginning_and_a_hash()
    {
        var name = ObjectNames.TriggerCronJob(Long, "demo");

        Assert.Equal(52, name.Length);
        Assert.Matches($"^stash-trigger-{Long[..21]}-[0-9a-f]{{16}}$", name);
    }

    // Each pair met in one name when names were cut in the middle and joined by dashes.
    [Fact]
    public void Names_of_two_owners_never_meet()
    {
        var (a, b) = ($"customer-production-euwest1-team-a", $"customer-production-euwest1-team-b");
        (string, string)[] pairs =
        [
            (Role(a, "orders-db"), Role(b, "orders-db")),
            (Role("a", "b-stash-backup-c"), Role("a-stash-backup-b", "c")),
            (ObjectNames.TriggerCronJob($"x{Long}", "demo"), ObjectNames.TriggerCronJob($"y{Long}", "demo")),
            (ObjectNames.TriggerCronJob("my.db", "demo"), ObjectNames.TriggerCronJob("my-db", "demo")),
            (ObjectNames.TriggerCronJob("demo-x", "demo"), ObjectNames.TriggerCronJob("x", "demo", "other")),
            (ObjectNames.BackupJob($"x{Long}-1", 0), ObjectNames.BackupJob($"y{Long}-1", 0)),
            (ObjectNames.BackupJob($"{Long}x{Long}-1", 0), ObjectNames.BackupJob($"{Long}y{Long}-1", 0)),
            (ObjectNames.InterimClaim("a-b", "c"), ObjectNames.InterimClaim("a", "b-c")),
            (
                ObjectNames.AutoBackup("AppBinding", "c", "a-app-b"),
                ObjectNames.AutoBackup("AppBinding", "b-app-c", "a")
            ),
            (Labels.Value($"{Long}x{Long}"), Labels.Value($"{Long}y{Long}")),
        ];

        Assert.All(pairs, pair => Assert.NotEqual(pair.Item1, pair.Item2));

        static string Role(string @namespace, string name) =>
            ObjectNames.RepositoryRole(@namespace, ObjectNames.BackupJob(name, 0));
    }

    [Fact]
    public void A_trigger_may_have_the_names_that_Stash_gives_and_that_it_had_for_a_target_elsewhere()
    {
        Assert.Equal(
            ["stash-trigger-demo-sample", ObjectNames.TriggerCronJob("sample", "demo", "other")],
            ObjectNames.FormerTriggerCronJobs("sample", "demo", "stash-trigger-sample").Order()
        );
        Assert.Contains(
            Long[^52..],
            ObjectNames.FormerTriggerCronJobs(Long, "demo", ObjectNames.TriggerCronJob(Long, "demo"))
        );
    }

    [Theory]
    [InlineData("sample-1731369600", 0, "stash-backup-sample-1731369600-0")]
    [InlineData("sample", 12, "stash-backup-sample-12")]
    public void Backup_jobs(string session, int index, string expected) =>
        Assert.Equal(expected, ObjectNames.BackupJob(session, index));

    [Fact]
    public void Restore_jobs() => Assert.Equal("stash-restore-sample-0", ObjectNames.RestoreJob("sample", 0));

    [Fact]
    public void A_long_job_name_keeps_its_index_after_a_hash()
    {
        var name = ObjectNames.BackupJob(Long, 7);

        Assert.Equal(63, name.Length);
        Assert.Matches($"^stash-backup-{Long[..31]}-[0-9a-f]{{16}}-7$", name);
    }

    [Fact]
    public void Names_for_service_accounts_roles_and_claims()
    {
        Assert.Equal("backupconfiguration-sample-0", ObjectNames.JobServiceAccount("BackupConfiguration", "sample", 0));
        Assert.Equal("restoresession-sample-0", ObjectNames.JobServiceAccount("RestoreSession", "sample", 0));
        Assert.Matches(
            "^demo-stash-backup-sample-1-0-[0-9a-f]{16}$",
            ObjectNames.RepositoryRole("demo", ObjectNames.BackupJob("sample-1", 0))
        );
        Assert.Matches("^sample-1-interim-[0-9a-f]{16}$", ObjectNames.InterimClaim("sample-1", "interim"));
    }

    [Fact]
    public void Step_containers_have_no_dots() =>
        Assert.Equal("postgres-backup-17-2-0", ObjectNames.StepContainer("postgres-backup-17.2", 0));

    [Theory]
    [InlineData("AppBinding", "app")]
    [InlineData("Deployment", "deploy")]
    [InlineData("StatefulSet", "sts")]
    [InlineData("DaemonSet", "ds")]
    [InlineData("PersistentVolumeClaim", "pvc")]
    [InlineData("Pod", "po")]
    [InlineData("ReplicationController", "rc")]
    [InlineData("DeploymentConfig", "deploymentconfig")]
    public void Kinds_have_short_forms(string kind, string expected) =>
        Assert.Equal(expected, ObjectNames.ShortKind(kind));

    [Fact]
    public void Auto_backup_objects_tell_the_namespace_only_when_they_live_elsewhere()
    {
        Assert.Equal("app-sample", ObjectNames.AutoBackup("AppBinding", "sample"));
        Assert.Matches("^demo-app-sample-[0-9a-f]{16}$", ObjectNames.AutoBackup("AppBinding", "sample", "demo"));
    }

    [Fact]
    public void The_metrics_job_is_not_cut() =>
        Assert.Equal($"backupconfiguration-demo-{Long}", ObjectNames.MetricsJob("BackupConfiguration", "demo", Long));

    [Fact]
    public void A_cut_never_leaves_two_dashes()
    {
        var name = ObjectNames.BackupJob($"{new string('a', 30)}-{new string('b', 40)}", 0);

        Assert.Matches("^stash-backup-a{30}-[0-9a-f]{16}-0$", name);
    }

    [Fact]
    public void The_suffix_survives_however_long_the_name_is()
    {
        var name = ObjectNames.WithSuffix(Long, "1731369600");

        Assert.Equal(63, name.Length);
        Assert.Matches($"^{Long[..35]}-[0-9a-f]{{16}}-1731369600$", name);
    }

    [Fact]
    public void Session_labels_carry_the_invoker_and_the_target_and_win_over_the_owners()
    {
        var owner = new Dictionary<string, string> { [Labels.ManagedBy] = "argocd", ["team"] = "db" };

        var labels = Labels.Session(
            "BackupConfiguration",
            "sample",
            "demo",
            owner,
            new() { Kind = "AppBinding", Name = "pg" }
        );

        Assert.Equal("stash.appscode.com", labels[Labels.ManagedBy]);
        Assert.Equal("stash-backup", labels[Labels.Component]);
        Assert.Equal("db", labels["team"]);
        Assert.Equal("BackupConfiguration", labels[Labels.InvokerType]);
        Assert.Equal("sample", labels[Labels.InvokerName]);
        Assert.Equal("AppBinding", labels[Labels.TargetKind]);
        Assert.Equal("pg", labels[Labels.TargetName]);
        Assert.Equal("demo", labels[Labels.TargetNamespace]);
    }

    [Fact]
    public void A_name_that_is_too_long_for_a_label_is_cut() => Assert.Equal(63, Labels.Value(Long).Length);
}
