namespace Granary.Api;

/// <summary>API groups and kinds.</summary>
public static class Kinds
{
    public const string StashGroup = "stash.appscode.com";
    public const string AppCatalogGroup = "appcatalog.appscode.com";

    public const string Repository = "Repository";
    public const string BackupConfiguration = "BackupConfiguration";
    public const string BackupBatch = "BackupBatch";
    public const string BackupSession = "BackupSession";
    public const string RestoreSession = "RestoreSession";
    public const string RestoreBatch = "RestoreBatch";
    public const string AppBinding = "AppBinding";

    /// <summary>Stands for a target that is not given; always "exists".</summary>
    public const string EmptyTarget = "EmptyTarget";

    /// <summary>The workload kinds of Stash: accepted by the schema, not backed up by Granary yet.</summary>
    public static readonly IReadOnlySet<string> Workloads = new HashSet<string>(StringComparer.Ordinal)
    {
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "DeploymentConfig",
        "ReplicaSet",
        "ReplicationController",
        "PersistentVolumeClaim",
    };
}

/// <summary>Names of finalizers. Source: stash-behaviour §1.14.</summary>
public static class Finalizers
{
    /// <summary>
    /// Stash's finalizer on invokers and restores; foreign to KubeOps, so ours differ (see Operator/Finalizers).
    /// </summary>
    public const string Invoker = "stash.appscode.com";

    /// <summary>Stash's finalizer on a Repository.</summary>
    public const string Repository = "stash";
}

/// <summary>Keys and values of annotations. Source: stash-behaviour §1.14.</summary>
public static class Annotations
{
    public const string BackupBlueprint = "stash.appscode.com/backup-blueprint";
    public const string Schedule = "stash.appscode.com/schedule";

    /// <summary>Followed by a parameter's name.</summary>
    public const string ParamsPrefix = "params.stash.appscode.com/";

    public const string TargetPaths = "stash.appscode.com/target-paths";
    public const string VolumeMounts = "stash.appscode.com/volume-mounts";
    public const string LastAppliedBackupInvoker = "stash.appscode.com/last-applied-backup-invoker";
    public const string LastAppliedBackupInvokerKind = "stash.appscode.com/last-applied-backup-invoker-kind";
    public const string LastAppliedBackupInvokerHash = "stash.appscode.com/last-applied-backup-invoker-hash";
    public const string LastAppliedRestoreInvoker = "stash.appscode.com/last-applied-restore-invoker";
    public const string LastAppliedRestoreInvokerKind = "stash.appscode.com/last-applied-restore-invoker-kind";
    public const string LastAppliedRestoreInvokerHash = "stash.appscode.com/last-applied-restore-invoker-hash";
}

/// <summary>Names and places within a Job's pod. Source: stash-behaviour §1.14 and docs/architecture.md.</summary>
public static class PodNames
{
    public const string OperatorContainer = "operator";
    public const string SidecarContainer = "stash";
    public const string InitContainer = "stash-init";
    public const string TriggerContainer = "stash-trigger";
    public const string PreTaskHookContainer = "pre-task-hook";
    public const string PostTaskHookContainer = "post-task-hook";

    public const string ScratchVolume = "stash-tmp-dir";
    public const string ScratchDir = "/stash-tmp";
    public const string OutputDir = "/stash-tmp/output";
    public const string OutputFile = "output.json";

    public const string InterimVolume = "stash-interim-volume";
    public const string InterimDir = "/stash-interim-volume";
    public const string InterimDataDir = "/stash-interim-volume/data";

    /// <summary>Where interim data goes without an interim volume.</summary>
    public const string ScratchInterimDataDir = "/stash-tmp/stash-interim-volume/data";

    public const string LocalBackendVolume = "stash-local";
    public const string DataVolume = "stash-volume";
    public const string DataDir = "/stash-data";

    public const string StorageSecretVolume = "granary-storage";
    public const string StorageSecretDir = "/var/run/granary/storage";
    public const string StorageSecretDirVariable = "GRANARY_STORAGE_SECRET_DIR";
    public const string DatabaseSecretVolume = "granary-database";
    public const string DatabaseSecretDir = "/var/run/granary/database";
    public const string DatabaseSecretDirVariable = "GRANARY_DATABASE_SECRET_DIR";
    public const string TlsSecretVolume = "granary-tls";
    public const string TlsSecretDir = "/var/run/granary/tls";
    public const string TlsSecretDirVariable = "GRANARY_TLS_SECRET_DIR";

    /// <summary>Followed by <c>-&lt;i&gt;</c>.</summary>
    public const string TransformSecretVolume = "granary-transform";
    public const string TransformSecretsDir = "/var/run/granary/transforms";
    public const string TransformSecretsDirVariable = "GRANARY_TRANSFORM_SECRETS_DIR";

    public const string PodNameVariable = "POD_NAME";
    public const string PodNamespaceVariable = "POD_NAMESPACE";
    public const string PodUidVariable = "POD_UID";

    /// <summary>User and group that containers run as.</summary>
    public const long UserId = 65534;

    /// <summary>The restic host of a target without an alias.</summary>
    public const string DefaultHost = "host-0";
}

/// <summary>Secret keys with a meaning. Source: stash-behaviour §1.2 and §4.1.</summary>
public static class SecretKeys
{
    public const string RepositoryPassword = "RESTIC_PASSWORD";
    public const string CaCertData = "CA_CERT_DATA";
    public const string Username = "username";
    public const string Password = "password";
    public const string PostgresUser = "POSTGRES_USER";
    public const string PostgresPassword = "POSTGRES_PASSWORD";
}

/// <summary>ClusterRoles that the operator binds. Source: docs/architecture.md.</summary>
public static class ClusterRoleNames
{
    public const string CronJob = "stash-cron-job";
    public const string BackupJob = "stash-backup-job";
    public const string RestoreJob = "stash-restore-job";
}
