namespace Granary.Api.Names;

/// <summary>Names and places within a Job's pod. Source: stash-behaviour §1.14 and docs/architecture.md.</summary>
public static class PodNames
{
    public const string OperatorContainer = "operator";
    public const string SidecarContainer = "stash";
    public const string InitContainer = "stash-init";
    public const string TriggerContainer = "stash-trigger";
    public const string MaintenanceContainer = "maintain-repository";
    public const string PreTaskHookContainer = "pre-task-hook";
    public const string PostTaskHookContainer = "post-task-hook";

    public const string ScratchVolume = "stash-tmp-dir";
    public const string ScratchDir = "/stash-tmp";
    public const string OutputDir = "/stash-tmp/output";
    public const string OutputFile = "output.json";

    /// <summary>The path of a database's dump in a snapshot, the same for every database.</summary>
    public const string DumpFile = "dumpfile.sql";

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

    /// <summary>Where a container leaves its last words for Kubernetes to keep; Kubernetes' default.</summary>
    public const string TerminationMessageFile = "/dev/termination-log";

    public const string PodNameVariable = "POD_NAME";
    public const string PodNamespaceVariable = "POD_NAMESPACE";
    public const string PodUidVariable = "POD_UID";

    /// <summary>User and group that containers run as.</summary>
    public const long UserId = 65534;

    /// <summary>The restic host of a target without an alias.</summary>
    public const string DefaultHost = "host-0";
}
