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
    [InlineData("sample.repo", "5a3f", "sample-repo-5a3f")]
    public void Snapshots_are_named_after_repository_and_id(string repository, string id, string expected) =>
        Assert.Equal(expected, ObjectNames.Snapshot(repository, id));

    [Theory]
    [InlineData("sample", null, "stash-trigger-sample")]
    [InlineData("sample", "demo", "stash-trigger-sample")]
    [InlineData("sample", "other", "stash-trigger-demo-sample")]
    [InlineData("my.db", null, "stash-trigger-my-db")]
    public void Trigger_names_tell_the_namespace_only_when_the_target_is_elsewhere(
        string name,
        string? targetNamespace,
        string expected
    ) => Assert.Equal(expected, ObjectNames.TriggerCronJob(name, "demo", targetNamespace));

    [Fact]
    public void A_long_trigger_name_keeps_its_end()
    {
        var name = ObjectNames.TriggerCronJob(Long, "demo");

        Assert.Equal(52, name.Length);
        Assert.Equal(Long[^52..], name);
    }

    [Fact]
    public void A_long_trigger_name_for_another_namespace_loses_its_middle()
    {
        var name = ObjectNames.TriggerCronJob(Long, "demo", "other");

        var whole = $"stash-trigger-demo-{Long}";
        Assert.Equal(whole[..26] + whole[^26..], name);
    }

    [Theory]
    [InlineData("sample-1731369600", 0, "stash-backup-sample-1731369600-0")]
    [InlineData("sam.ple", 12, "stash-backup-sam-ple-12")]
    public void Backup_jobs(string session, int index, string expected) =>
        Assert.Equal(expected, ObjectNames.BackupJob(session, index));

    [Fact]
    public void Restore_jobs() => Assert.Equal("stash-restore-sample-0", ObjectNames.RestoreJob("sample", 0));

    [Fact]
    public void A_long_job_name_keeps_32_characters_in_front_and_31_behind()
    {
        var name = ObjectNames.BackupJob(Long, 0);

        var whole = $"stash-backup-{Long}-0";
        Assert.Equal(63, name.Length);
        Assert.Equal(whole[..32] + whole[^31..], name);
    }

    [Fact]
    public void Names_for_service_accounts_roles_claims_and_pull_secrets()
    {
        Assert.Equal("backupconfiguration-sample-0", ObjectNames.JobServiceAccount("BackupConfiguration", "sample", 0));
        Assert.Equal("restoresession-sample-0", ObjectNames.JobServiceAccount("RestoreSession", "sample", 0));
        Assert.Equal(
            "demo-backupconfiguration-sample-0",
            ObjectNames.RepositoryRole("demo", "BackupConfiguration", "sample", 0)
        );
        Assert.Equal("sample-1-interim", ObjectNames.InterimClaim("sample-1", "interim"));
        Assert.Equal(
            "regcred-backupconfiguration-sample",
            ObjectNames.ImagePullSecret("regcred", "BackupConfiguration", "sample")
        );
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
        Assert.Equal("demo-app-sample", ObjectNames.AutoBackup("AppBinding", "sample", "demo"));
    }

    [Fact]
    public void The_metrics_job_is_not_cut() =>
        Assert.Equal($"backupconfiguration-demo-{Long}", ObjectNames.MetricsJob("BackupConfiguration", "demo", Long));

    [Fact]
    public void A_cut_never_leaves_a_dash_at_an_end()
    {
        var name = ObjectNames.WithPrefix(new string('a', 62), "b");

        Assert.Equal(new string('a', 62), name);
    }

    [Fact]
    public void The_suffix_survives_however_long_the_name_is()
    {
        var name = ObjectNames.WithSuffix(Long, "1731369600");

        Assert.Equal(63, name.Length);
        Assert.EndsWith("-1731369600", name, StringComparison.Ordinal);
        Assert.StartsWith(Long[..52], name, StringComparison.Ordinal);
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
