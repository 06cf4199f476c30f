using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Status;
using Granary.Operator.Cluster;

namespace Granary.Operator.Backups;

/// <summary>The phase formula of what invokes backups. The first rule that fits decides.</summary>
internal static class InvokerPhaseRules
{
    /// <summary>BackupConfiguration and BackupBatch (§2.3); a missing target makes them NotReady too (D9).</summary>
    public static string Of(string driver, IReadOnlyCollection<Condition> conditions)
    {
        if (
            IsMissing(conditions, ConditionTypes.RepositoryFound)
            || IsMissing(conditions, ConditionTypes.BackendSecretFound)
        )
        {
            return InvokerPhase.NotReady;
        }

        if (conditions.IsFalse(ConditionTypes.ValidationPassed))
        {
            return InvokerPhase.Invalid;
        }

        var storageFound =
            driver != Drivers.Restic
            || (conditions.IsTrue(ConditionTypes.RepositoryFound) && conditions.Has(ConditionTypes.BackendSecretFound));
        return
            storageFound
            && conditions.IsTrue(ConditionTypes.ValidationPassed)
            && conditions.IsTrue(ConditionTypes.CronJobCreated)
            && conditions.IsTrue(ConditionTypes.BackupTargetFound)
            ? InvokerPhase.Ready
            : InvokerPhase.NotReady;
    }

    /// <summary>
    /// Not being allowed to look at Secrets is the administrator's choice and no reason to stop: such an Unknown does
    /// not count.
    /// </summary>
    private static bool IsMissing(IReadOnlyCollection<Condition> conditions, string type) =>
        conditions.Find(type) is { Status: not ConditionStatus.True } condition
        && condition.Reason != Prerequisites.NotPermittedToCheck;
}
