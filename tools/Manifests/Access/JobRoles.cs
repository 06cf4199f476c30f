using k8s.Models;

namespace Granary.Manifests.Access;

/// <summary>
/// What the pods of Jobs may do in the invoker's namespace. No Secret is readable here: Secrets are mounted, and one in
/// another namespace is granted by a Role on exactly that Secret.
/// </summary>
internal static class JobRoles
{
    public const string CronJob = "stash-cron-job";
    public const string BackupJob = "stash-backup-job";
    public const string RestoreJob = "stash-restore-job";

    private static readonly V1PolicyRule Events = Rules.On(Rules.Core, ["events"], "create", "patch");

    /// <summary>
    /// To find the database's pod, and to tell whether the holder of a repository's lock is alive.
    /// </summary>
    private static readonly V1PolicyRule[] DatabasePods =
    [
        Rules.On(Rules.AppCatalog, ["appbindings"], "get"),
        Rules.On(Rules.Core, ["endpoints", "pods", "services"], "get"),
    ];

    public static IEnumerable<V1ClusterRole> All() =>
        [
            Rules.ClusterRole(
                CronJob,
                null,
                Rules.On(Rules.Stash, ["backupbatches", "backupconfigurations"], "get"),
                // A session blocks the deletion of its owner, which some clusters let only those do who may finalize
                // the owner.
                Rules.On(Rules.Stash, ["backupbatches/finalizers", "backupconfigurations/finalizers"], "update"),
                Rules.On(Rules.Stash, ["backupsessions"], "create", "get", "patch"),
                Events
            ),
            Rules.ClusterRole(
                BackupJob,
                null,
                [
                    Rules.On(
                        Rules.Stash,
                        ["backupbatches", "backupconfigurations", "backupsessions", "repositories"],
                        "get"
                    ),
                    Rules.On(Rules.Stash, ["backupsessions/status", "repositories/status"], "get", "patch", "update"),
                    .. DatabasePods,
                    Events,
                ]
            ),
            Rules.ClusterRole(
                RestoreJob,
                null,
                [
                    Rules.On(Rules.Stash, ["repositories", "restorebatches", "restoresessions"], "get"),
                    Rules.On(
                        Rules.Stash,
                        ["restorebatches/status", "restoresessions/status"],
                        "get",
                        "patch",
                        "update"
                    ),
                    .. DatabasePods,
                    Events,
                ]
            ),
        ];
}
