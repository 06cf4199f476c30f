using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Status;

namespace Granary.Operator.Cluster;

/// <summary>
/// The standard Ready condition, for <c>kubectl wait</c>, Argo CD and Flux; Stash's own conditions stay beside it.
/// </summary>
internal static class Readiness
{
    /// <param name="reason">One word; phases serve as reasons.</param>
    public static void Set(
        IList<Condition> conditions,
        bool isReady,
        string reason,
        string message,
        long? generation,
        DateTimeOffset now
    ) => conditions.Set(ConditionTypes.Ready, isReady, reason, message, now, generation);

    /// <summary>What holds an object up: the first condition that is not as it should be.</summary>
    /// <param name="unwanted">Types that tell of trouble when they are True.</param>
    public static string Trouble(IEnumerable<Condition> conditions, params IReadOnlyCollection<string> unwanted)
    {
        var trouble = conditions.FirstOrDefault(condition =>
            condition.Type != ConditionTypes.Ready
            && (
                unwanted.Contains(condition.Type)
                    ? condition.Status == ConditionStatus.True
                    : condition.Status != ConditionStatus.True
            )
        );
        return trouble is null ? "" : trouble.Message ?? trouble.Reason ?? trouble.Type;
    }
}
