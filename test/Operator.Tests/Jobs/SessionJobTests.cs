using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Operator.Jobs;
using Granary.Operator.Tasks;
using Granary.Operator.Tests.Support;
using k8s.Models;

namespace Granary.Operator.Tests.Jobs;

public sealed class SessionJobTests
{
    [Fact]
    public void Shape_of_the_Job()
    {
        var job = Build();

        Assert.Equal("stash-backup-pg-backup-1-0", job.Metadata.Name);
        Assert.Equal("demo", job.Metadata.NamespaceProperty);
        Assert.Equal(0, job.Spec.BackoffLimit);
        Assert.Equal("Never", job.Spec.Template.Spec.RestartPolicy);
        Assert.Equal("account", job.Spec.Template.Spec.ServiceAccountName);
        Assert.Equal(Labels.BackupComponent, job.Metadata.Labels[Labels.Component]);
        Assert.Equal(Labels.BackupComponent, job.Spec.Template.Metadata.Labels[Labels.Component]);
        var owner = Assert.Single(job.Metadata.OwnerReferences);
        Assert.Equal(("BackupSession", "pg-backup-1", true), (owner.Kind, owner.Name, owner.Controller));
    }

    [Fact]
    public void All_steps_but_the_last_are_init_containers()
    {
        var pod = Build().Spec.Template.Spec;

        Assert.Equal(["backup-0"], pod.InitContainers.Select(container => container.Name));
        Assert.Equal(["update-status-1"], pod.Containers.Select(container => container.Name));
    }

    [Fact]
    public void A_single_step_is_the_main_container()
    {
        var pod = Build(steps: 1).Spec.Template.Spec;

        Assert.Null(pod.InitContainers);
        Assert.Equal("backup-0", Assert.Single(pod.Containers).Name);
    }

    [Fact]
    public void Every_container_finds_what_the_architecture_promises()
    {
        var appBinding = Make.AppBinding();
        appBinding.Spec.TlsSecret = new SecretReference { Name = "tls" };
        appBinding.Spec.SecretTransforms =
        [
            new SecretTransform
            {
                AddKeysFrom = new AddKeysFromTransform { SecretRef = new V1LocalObjectReference { Name = "more" } },
            },
        ];

        var pod = Build(appBinding: appBinding).Spec.Template.Spec;

        foreach (var container in pod.InitContainers.Concat(pod.Containers))
        {
            Assert.Equal(
                new Dictionary<string, string>
                {
                    ["stash-tmp-dir"] = "/stash-tmp",
                    ["granary-storage"] = "/var/run/granary/storage",
                    ["granary-database"] = "/var/run/granary/database",
                    ["granary-tls"] = "/var/run/granary/tls",
                    ["granary-transform-0"] = "/var/run/granary/transforms/more",
                },
                container.VolumeMounts.ToDictionary(mount => mount.Name, mount => mount.MountPath)
            );
            Assert.Equal("/var/run/granary/storage", Env(container, "GRANARY_STORAGE_SECRET_DIR"));
            Assert.Equal("/var/run/granary/database", Env(container, "GRANARY_DATABASE_SECRET_DIR"));
            Assert.Equal("/var/run/granary/tls", Env(container, "GRANARY_TLS_SECRET_DIR"));
            Assert.Equal("/var/run/granary/transforms", Env(container, "GRANARY_TRANSFORM_SECRETS_DIR"));
            Assert.Equal(
                ["metadata.name", "metadata.namespace", "metadata.uid"],
                container.Env.Where(one => one.ValueFrom is not null).Select(one => one.ValueFrom.FieldRef.FieldPath)
            );
            Assert.Equal("FallbackToLogsOnError", container.TerminationMessagePolicy);
            Assert.Equal("IfNotPresent", container.ImagePullPolicy);
        }

        var secret = pod.Volumes.Single(volume => volume.Name == "granary-storage").Secret;
        Assert.Equal(("storage-secret", 288), (secret.SecretName, secret.DefaultMode)); // 288 is 0440.
        Assert.Equal(65534, pod.SecurityContext.RunAsUser);
        Assert.Equal(65534, pod.SecurityContext.FsGroup);
    }

    [Fact]
    public void Secrets_of_other_namespaces_are_not_mounted()
    {
        var pod = Build(Make.Repository("storage", "backup"), Make.AppBinding("db", "elsewhere")).Spec.Template.Spec;

        Assert.Equal(["stash-tmp-dir"], pod.Volumes.Select(volume => volume.Name));
        Assert.DoesNotContain(pod.Containers[0].Env, variable =>
            variable.Name.StartsWith("GRANARY_", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_local_backend_is_mounted_into_every_container()
    {
        var repository = Make.Repository();
        repository.Spec.Backend = new Backend
        {
            StorageSecretName = "storage-secret",
            Local = new LocalBackend
            {
                MountPath = "/repo",
                SubPath = "pg",
                EmptyDir = new V1EmptyDirVolumeSource(),
            },
        };

        var pod = Build(repository).Spec.Template.Spec;

        Assert.NotNull(pod.Volumes.Single(volume => volume.Name == "stash-local").EmptyDir);
        Assert.All(pod.InitContainers.Concat(pod.Containers), container =>
        {
            var mount = container.VolumeMounts.Single(one => one.Name == "stash-local");
            Assert.Equal(("/repo", "pg"), (mount.MountPath, mount.SubPath));
        });
    }

    [Fact]
    public void TempDir_shapes_the_scratch_volume()
    {
        var job = Build(tempDir: new EmptyDirSettings { Medium = "Memory", SizeLimit = new ResourceQuantity("1Gi") });

        var scratch = job.Spec.Template.Spec.Volumes.Single(volume => volume.Name == "stash-tmp-dir").EmptyDir;
        Assert.Equal(("Memory", "1Gi"), (scratch.Medium, scratch.SizeLimit.ToString()));
    }

    [Fact]
    public void Volumes_of_the_Task_and_mounts_of_the_Function_stay()
    {
        var task = Task(1);
        task = task with
        {
            Volumes =
            [
                new V1Volume
                {
                    Name = "secret",
                    Secret = new V1SecretVolumeSource { SecretName = "s3" },
                },
            ],
        };
        task.Steps[0].Function.VolumeMounts =
        [
            new V1VolumeMount { Name = "secret", MountPath = "/etc/repository/secret" },
        ];

        var pod = Build(task: task).Spec.Template.Spec;

        Assert.Equal("s3", pod.Volumes.Single(volume => volume.Name == "secret").Secret.SecretName);
        Assert.Contains(pod.Containers[0].VolumeMounts, mount => mount.MountPath == "/etc/repository/secret");
    }

    [Fact]
    public void A_security_context_that_says_one_thing_keeps_the_defaults_for_all_others()
    {
        var settings = new RuntimeSettings
        {
            Pod = new PodRuntimeSettings { SecurityContext = new V1PodSecurityContext { FsGroup = 65535 } },
            Container = new ContainerRuntimeSettings
            {
                SecurityContext = new V1SecurityContext { ReadOnlyRootFilesystem = true },
            },
        };

        var pod = Build(settings: settings).Spec.Template.Spec;

        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.All(pod.InitContainers.Concat(pod.Containers), container =>
        {
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        });
    }

    [Fact]
    public void Runtime_settings_apply_to_pod_and_every_container()
    {
        var settings = new RuntimeSettings
        {
            Pod = new PodRuntimeSettings
            {
                PodLabels = new() { ["team"] = "db", [Labels.ManagedBy] = "mine" },
                PodAnnotations = new() { ["note"] = "x" },
                NodeSelector = new() { ["disk"] = "ssd" },
                SecurityContext = new V1PodSecurityContext { FsGroup = 65535 },
                ImagePullSecrets = [new V1LocalObjectReference { Name = "pull" }],
                PriorityClassName = "low",
            },
            Container = new ContainerRuntimeSettings
            {
                Resources = new V1ResourceRequirements
                {
                    Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("100m") },
                },
                Env =
                [
                    new V1EnvVar { Name = "MINE", Value = "1" },
                    new V1EnvVar { Name = "POD_NAME", Value = "fixed" },
                ],
                Nice = new NiceSettings { Adjustment = 5 },
                Ionice = new IoNiceSettings { Class = 2, ClassData = 7 },
            },
        };

        var template = Build(settings: settings).Spec.Template;

        Assert.Equal("db", template.Metadata.Labels["team"]);
        Assert.Equal(Labels.ManagedByStash, template.Metadata.Labels[Labels.ManagedBy]); // Stash's labels win.
        Assert.Equal("x", template.Metadata.Annotations["note"]);
        Assert.Equal("ssd", template.Spec.NodeSelector["disk"]);
        Assert.Equal((65535, 65534), (template.Spec.SecurityContext.FsGroup, template.Spec.SecurityContext.RunAsUser));
        Assert.Equal("pull", Assert.Single(template.Spec.ImagePullSecrets).Name);
        Assert.Equal("low", template.Spec.PriorityClassName);
        Assert.All(template.Spec.InitContainers.Concat(template.Spec.Containers), container =>
        {
            Assert.Equal("1", Env(container, "MINE"));
            Assert.Equal("fixed", Assert.Single(container.Env, one => one.Name == "POD_NAME").Value);
            Assert.Equal(
                ("5", "2", "7"),
                (Env(container, "NICE_ADJUSTMENT"), Env(container, "IONICE_CLASS"), Env(container, "IONICE_CLASS_DATA"))
            );
            Assert.Equal("100m", container.Resources.Requests["cpu"].ToString()); // Also without limits.
        });
    }

    [Fact]
    public void Probes_and_handlers_are_for_the_main_container_alone()
    {
        var probe = new V1Probe { Exec = new V1ExecAction { Command = ["true"] } };
        var settings = new RuntimeSettings
        {
            Container = new ContainerRuntimeSettings
            {
                LivenessProbe = probe,
                ReadinessProbe = probe,
                Lifecycle = new V1Lifecycle { PreStop = new V1LifecycleHandler { Exec = probe.Exec } },
            },
        };

        var pod = Build(settings: settings).Spec.Template.Spec;

        var init = Assert.Single(pod.InitContainers);
        Assert.Equal((null, null, null), (init.LivenessProbe, init.ReadinessProbe, init.Lifecycle));
        var main = Assert.Single(pod.Containers);
        Assert.NotNull(main.LivenessProbe);
        Assert.NotNull(main.ReadinessProbe);
        Assert.NotNull(main.Lifecycle);
    }

    private static string? Env(V1Container container, string name) =>
        container.Env.SingleOrDefault(one => one.Name == name)?.Value;

    private static ResolvedTask Task(int steps) =>
        new(
            [
                .. new[] { "backup-0", "update-status-1" }
                    .Take(steps)
                    .Select(name => new ResolvedStep(
                        name,
                        Make.Function(name, "arg").Spec,
                        new Dictionary<string, string>()
                    )),
            ],
            []
        );

    private static V1Job Build(
        Repository? repository = null,
        AppBinding? appBinding = null,
        EmptyDirSettings? tempDir = null,
        RuntimeSettings? settings = null,
        ResolvedTask? task = null,
        int steps = 2
    ) =>
        SessionJob.Build(
            new SessionJobRequest
            {
                Owner = Make.Session(),
                Name = ObjectNames.BackupJob("pg-backup-1", 0),
                Labels = Labels.Offshoot(null, Labels.BackupComponent),
                ServiceAccount = "account",
                Task = task ?? Task(steps),
                Surroundings = new JobSurroundings(
                    repository ?? Make.Repository(),
                    appBinding ?? Make.AppBinding(),
                    Make.Options
                ),
                RuntimeSettings = settings,
                TempDir = tempDir,
            }
        );
}
