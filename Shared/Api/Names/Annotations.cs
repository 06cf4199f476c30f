namespace Granary.Api.Names;

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

    /// <summary>
    /// On a Role in a Repository's namespace: the Job that it serves, as <c>&lt;namespace&gt;/&lt;name&gt;</c>.
    /// </summary>
    public const string ServedJob = "granary.io/served-job";

    /// <summary>
    /// On a Job in a Repository's namespace: the BackupSession that it works for, as
    /// <c>&lt;namespace&gt;/&lt;name&gt;</c>.
    /// </summary>
    public const string ServedSession = "granary.io/served-session";

    /// <summary>On such a Role: the Repository that it gives rights to.</summary>
    public const string GrantedRepository = "granary.io/granted-repository";
}
