using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Validation;

namespace Granary.Api.Tests.Validation;

public sealed class BackupConfigurationValidatorTests
{
    private const string KnownKinds =
        "known kinds are AppBinding, DaemonSet, Deployment, DeploymentConfig, PersistentVolumeClaim, ReplicaSet, "
        + "ReplicationController, StatefulSet";

    public static TheoryData<string, Action<BackupConfiguration>> Spoilt =>
        new()
        {
            { "spec.schedule: Required value: a cron expression such as \"0 3 * * *\"", b => b.Spec.Schedule = null },
            {
                "spec.schedule: Invalid value: \"61 * * * *\": \"61\" is not a minute (0 to 59)",
                b => b.Spec.Schedule = "61 * * * *"
            },
            { "spec.target: Required value: says what is backed up", b => b.Spec.Target = null },
            { "spec.target.ref: Required value: names what is backed up", b => b.Spec.Target!.Ref = null },
            {
                "spec.target.ref.kind: Required value: kind of the target, such as AppBinding",
                b => b.Spec.Target!.Ref!.Kind = null
            },
            {
                $"spec.target.ref.kind: Unsupported value: \"Postgres\": {KnownKinds}",
                b => b.Spec.Target!.Ref!.Kind = "Postgres"
            },
            { "spec.target.ref.name: Required value: name of the target", b => b.Spec.Target!.Ref!.Name = "" },
            {
                "spec.target.ref.namespace: Forbidden: a StatefulSet of another namespace cannot be a target",
                b => (b.Spec.Target!.Ref!.Kind, b.Spec.Target.Ref.Namespace) = ("StatefulSet", "other")
            },
            {
                "spec.repository: Required value: names the Repository to store backups in",
                b => b.Spec.Repository = null
            },
            { "spec.repository.name: Required value: name of the Repository", b => b.Spec.Repository!.Name = "" },
            {
                "spec.retentionPolicy.name: Required value: free text that names the policy",
                b => b.Spec.RetentionPolicy.Name = ""
            },
            {
                "spec.retentionPolicy.keepLast: Invalid value: -1: must not be negative",
                b => b.Spec.RetentionPolicy.KeepLast = -1
            },
            {
                "spec.retentionPolicy.keepYearly: Invalid value: -3: must not be negative",
                b => b.Spec.RetentionPolicy.KeepYearly = -3
            },
            {
                "spec.retentionPolicy.keepTags[1]: Required value: a tag",
                b => b.Spec.RetentionPolicy.KeepTags = ["a", ""]
            },
            {
                "spec.task.params[1].name: Forbidden: \"REPOSITORY_PREFIX\" is set by the operator and cannot be a "
                    + "parameter's name",
                b =>
                    b.Spec.Task = new()
                    {
                        Name = "t",
                        Params = [new() { Name = "args" }, new() { Name = "REPOSITORY_PREFIX", Value = "/theirs" }],
                    }
            },
            { "spec.backupHistoryLimit: Invalid value: -1: must not be negative", b => b.Spec.BackupHistoryLimit = -1 },
            {
                "spec.timeOut: Invalid value: \"1d\": must be a duration above zero such as 30s or 1h30m",
                b => b.Spec.TimeOut = "1d"
            },
            {
                "spec.timeOut: Invalid value: \"0s\": must be a duration above zero such as 30s or 1h30m",
                b => b.Spec.TimeOut = "0s"
            },
            {
                "spec.retryConfig.delay: Invalid value: \"soon\": must be a duration such as 30s or 1h30m",
                b => b.Spec.RetryConfig = new() { Delay = "soon" }
            },
            {
                "spec.retryConfig.maxRetry: Invalid value: -1: must not be negative",
                b => b.Spec.RetryConfig = new() { MaxRetry = -1 }
            },
            {
                "spec.tempDir.medium: Unsupported value: \"Disk\": known are \"\" and \"Memory\"",
                b => b.Spec.TempDir = new() { Medium = "Disk" }
            },
            {
                "spec.hooks.preBackup: Required value: at least one of exec, httpGet, httpPost and tcpSocket",
                b => b.Spec.Hooks = new() { PreBackup = new() }
            },
            {
                "spec.hooks.postBackup.exec.command: Required value: the command to run",
                b => b.Spec.Hooks = new() { PostBackup = new() { Exec = new() } }
            },
            {
                "spec.hooks.postBackup.httpPost.body: Forbidden: body and form exclude each other",
                b =>
                    b.Spec.Hooks = new()
                    {
                        PostBackup = new()
                        {
                            HttpPost = new()
                            {
                                Port = 80,
                                Body = "x",
                                Form = [new()],
                            },
                        },
                    }
            },
        };

    [Theory]
    [MemberData(nameof(Spoilt), DisableDiscoveryEnumeration = true)]
    public void What_cannot_work_is_refused_by_field(string expected, Action<BackupConfiguration> spoil)
    {
        var configuration = Samples.BackupConfiguration();

        spoil(configuration);

        Assert.Equal(expected, AdmissionRules.Create(configuration).Describe());
    }

    [Fact]
    public void Every_problem_is_told_at_once()
    {
        var configuration = Samples.BackupConfiguration();
        (configuration.Spec.Schedule, configuration.Spec.TimeOut) = ("never", "never");

        var result = AdmissionRules.Create(configuration);

        Assert.Equal(["spec.schedule", "spec.timeOut"], result.Errors.Select(error => error.PropertyName));
    }

    [Theory]
    [InlineData("AppBinding", "other")]
    [InlineData("AppBinding", null)]
    [InlineData("Deployment", null)]
    [InlineData("PersistentVolumeClaim", "demo")]
    public void Documented_targets_are_accepted(string kind, string? targetNamespace)
    {
        var configuration = Samples.BackupConfiguration();
        (configuration.Spec.Target!.Ref!.Kind, configuration.Spec.Target.Ref.Namespace) = (kind, targetNamespace);

        Assert.Equal("", AdmissionRules.Create(configuration).Describe());
    }

    [Fact]
    public void An_AppBinding_is_known_by_its_kind_whatever_the_apiVersion_says()
    {
        var configuration = Samples.BackupConfiguration();
        configuration.Spec.Target!.Ref!.ApiVersion = "apps/v1";

        Assert.Equal("", AdmissionRules.Create(configuration).Describe());
    }

    [Fact]
    public void A_volume_snapshotter_needs_no_repository()
    {
        var configuration = Samples.BackupConfiguration();
        (configuration.Spec.Driver, configuration.Spec.Repository) = (Drivers.VolumeSnapshotter, null);

        Assert.Equal("", AdmissionRules.Create(configuration).Describe());
    }

    [Fact]
    public void A_policy_without_any_keep_rule_is_accepted()
    {
        var configuration = Samples.BackupConfiguration();
        configuration.Spec.RetentionPolicy = new() { Name = "all" };

        Assert.Equal("", AdmissionRules.Create(configuration).Describe());
    }

    [Fact]
    public void The_target_cannot_change_while_Ready()
    {
        var (old, changed) = (Samples.BackupConfiguration(), Samples.BackupConfiguration());
        changed.Spec.Target!.Alias = "other";

        old.Status.Phase = InvokerPhase.NotReady;
        Assert.Equal("", AdmissionRules.Update(old, changed).Describe());

        old.Status.Phase = InvokerPhase.Ready;
        Assert.Equal(
            "spec.target: Forbidden: the target cannot change while the phase is Ready",
            AdmissionRules.Update(old, changed).Describe()
        );

        changed.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        Assert.Equal("", AdmissionRules.Update(old, changed).Describe());
    }

    [Fact]
    public void Everything_else_can_change_while_Ready()
    {
        var (old, changed) = (Samples.BackupConfiguration(), Samples.BackupConfiguration());
        old.Status.Phase = InvokerPhase.Ready;
        (changed.Spec.Schedule, changed.Spec.Paused) = ("@daily", true);

        Assert.Equal("", AdmissionRules.Update(old, changed).Describe());
    }

    [Fact]
    public void What_is_not_supported_yet_is_reported_apart()
    {
        var configuration = Samples.BackupConfiguration();
        Assert.Empty(UnsupportedFeatures.Of(configuration));

        (configuration.Spec.Driver, configuration.Spec.Target!.Ref!.Kind) = (Drivers.VolumeSnapshotter, "StatefulSet");
        Assert.Equal(
            "spec.driver: VolumeSnapshotter is not supported yet; use Restic; "
                + "spec.target.ref.kind: targets of kind StatefulSet are not supported yet; use an AppBinding",
            UnsupportedFeatures.Of(configuration).Describe()
        );
    }
}
