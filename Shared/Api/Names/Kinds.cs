namespace Granary.Api.Names;

/// <summary>API groups and kinds.</summary>
public static class Kinds
{
    public const string StashGroup = "stash.appscode.com";
    public const string AppCatalogGroup = "appcatalog.appscode.com";

    /// <summary>The <c>apiVersion</c> of Functions, Tasks, configurations, sessions and restores.</summary>
    public const string StashApiVersion = $"{StashGroup}/v1beta1";

    /// <summary>The <c>apiVersion</c> of AppBindings.</summary>
    public const string AppBindingApiVersion = $"{AppCatalogGroup}/v1alpha1";

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
