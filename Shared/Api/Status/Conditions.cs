using Granary.Api.Common;
using Granary.Api.Names;

namespace Granary.Api.Status;

/// <summary>Reads and writes condition lists.</summary>
public static class Conditions
{
    /// <summary>The condition of a type, or null.</summary>
    public static Condition? Find(this IEnumerable<Condition>? conditions, string type) =>
        conditions?.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Whether the condition is there, whatever its status.</summary>
    public static bool Has(this IEnumerable<Condition>? conditions, string type) => conditions.Find(type) is not null;

    /// <summary>Whether the condition is there and True.</summary>
    public static bool IsTrue(this IEnumerable<Condition>? conditions, string type) =>
        conditions.Find(type)?.Status == ConditionStatus.True;

    /// <summary>Whether the condition is there and False.</summary>
    public static bool IsFalse(this IEnumerable<Condition>? conditions, string type) =>
        conditions.Find(type)?.Status == ConditionStatus.False;

    /// <summary>Whether the condition is there and Unknown.</summary>
    public static bool IsUnknown(this IEnumerable<Condition>? conditions, string type) =>
        conditions.Find(type)?.Status == ConditionStatus.Unknown;

    /// <summary>Puts a condition into the list, in the place of the one of its type.</summary>
    /// <remarks>
    /// When status, reason, message and (if given) generation are what they were, the old condition and its
    /// transition time stay; otherwise the new one is stamped with <paramref name="now"/>.
    /// </remarks>
    /// <returns>Whether the list changed.</returns>
    public static bool Set(this IList<Condition> conditions, Condition condition, DateTimeOffset now)
    {
        var known = conditions.Find(condition.Type);
        if (
            known is not null
            && known.Status == condition.Status
            && (known.Reason ?? "") == (condition.Reason ?? "")
            && (known.Message ?? "") == (condition.Message ?? "")
            && (condition.ObservedGeneration is null || known.ObservedGeneration == condition.ObservedGeneration)
        )
        {
            return false;
        }

        condition.LastTransitionTime = now;
        if (known is null)
        {
            conditions.Add(condition);
        }
        else
        {
            conditions[conditions.IndexOf(known)] = condition;
        }

        return true;
    }

    /// <summary>
    /// Puts a condition into the list, see <see cref="Set(IList{Condition}, Condition, DateTimeOffset)"/>.
    /// </summary>
    /// <param name="conditions">The list.</param>
    /// <param name="type">One of <see cref="ConditionTypes"/>.</param>
    /// <param name="status">True, False, or null for Unknown.</param>
    /// <param name="reason">One of <see cref="ConditionReasons"/>.</param>
    /// <param name="message">For a human reader.</param>
    /// <param name="now">The time of a change.</param>
    /// <param name="generation">The generation that was observed.</param>
    /// <returns>Whether the list changed.</returns>
    public static bool Set(
        this IList<Condition> conditions,
        string type,
        bool? status,
        string reason,
        string? message,
        DateTimeOffset now,
        long? generation = null
    ) =>
        conditions.Set(
            new Condition
            {
                Type = type,
                Status = status switch
                {
                    true => ConditionStatus.True,
                    false => ConditionStatus.False,
                    null => ConditionStatus.Unknown,
                },
                Reason = reason,
                Message = message,
                ObservedGeneration = generation,
            },
            now
        );

    /// <summary>Removes the condition of a type.</summary>
    /// <returns>Whether it was there.</returns>
    public static bool Remove(this IList<Condition> conditions, string type) =>
        conditions.Find(type) is { } known && conditions.Remove(known);
}
