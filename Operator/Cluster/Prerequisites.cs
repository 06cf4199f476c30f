using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Status;

namespace Granary.Operator.Cluster;

/// <summary>What a look at a referenced object found.</summary>
internal enum Finding
{
    Found,
    Missing,

    /// <summary>The API server could not say.</summary>
    Unknown,

    /// <summary>The operator may not look.</summary>
    Forbidden,
}

/// <summary>A referenced object: what was found, and the words for it.</summary>
internal readonly record struct Lookup(Finding Finding, string Message)
{
    public bool IsFound => Finding is Finding.Found;
}

/// <summary>All that has to be there before a backup or a restore can start.</summary>
/// <param name="Repository">A Repository that is being deleted counts as missing.</param>
/// <param name="Problems">
/// Why the objects must not be used together: usage policy, unsupported driver or target, invalid fields.
/// </param>
/// <param name="Target">The first target that is not there, else any.</param>
internal sealed record Prerequisites(Lookup Repository, Lookup Secret, IReadOnlyList<string> Problems, Lookup Target)
{
    /// <summary>How soon to look again for what is missing: nothing tells when it appears (§2.3).</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Reason of an Unknown condition that does not hold anything up.</summary>
    public const string NotPermittedToCheck = "NotPermittedToCheck";

    /// <summary>Whether everything is there and may be used.</summary>
    public bool AreMet =>
        Repository.IsFound
        && Secret.Finding is (Finding.Found or Finding.Forbidden)
        && Problems.Count == 0
        && Target.IsFound;

    /// <summary>
    /// Writes what was found as conditions; what was not reached because of something before it is left as it was.
    /// </summary>
    public void Record(IList<Condition> conditions, string targetType, DateTimeOffset now, long? generation)
    {
        Set(
            conditions,
            ConditionTypes.RepositoryFound,
            Repository,
            now,
            generation,
            (
                ConditionReasons.RepositoryAvailable,
                ConditionReasons.RepositoryNotAvailable,
                ConditionReasons.UnableToCheckRepositoryAvailability
            )
        );
        if (!Repository.IsFound)
        {
            return;
        }

        Set(
            conditions,
            ConditionTypes.BackendSecretFound,
            Secret,
            now,
            generation,
            (
                ConditionReasons.BackendSecretAvailable,
                ConditionReasons.BackendSecretNotAvailable,
                ConditionReasons.UnableToCheckBackendSecretAvailability
            )
        );
        if (Secret.Finding is Finding.Missing or Finding.Unknown)
        {
            return;
        }

        conditions.Set(
            ConditionTypes.ValidationPassed,
            Problems.Count == 0,
            Problems.Count == 0 ? ConditionReasons.ResourceValidationPassed : ConditionReasons.ResourceValidationFailed,
            Problems.Count == 0 ? "The resource is valid." : string.Join("; ", Problems),
            now,
            generation
        );
        if (Problems.Count > 0)
        {
            return;
        }

        Set(
            conditions,
            targetType,
            Target,
            now,
            generation,
            (
                ConditionReasons.TargetAvailable,
                ConditionReasons.TargetNotAvailable,
                ConditionReasons.UnableToCheckTargetAvailability
            )
        );
    }

    private static void Set(
        IList<Condition> conditions,
        string type,
        Lookup lookup,
        DateTimeOffset now,
        long? generation,
        (string Found, string Missing, string Unknown) reasons
    )
    {
        var (status, reason) = lookup.Finding switch
        {
            Finding.Found => ((bool?)true, reasons.Found),
            Finding.Missing => (false, reasons.Missing),
            Finding.Unknown => (null, reasons.Unknown),
            Finding.Forbidden => (null, NotPermittedToCheck),
            _ => throw new ArgumentOutOfRangeException(nameof(lookup), lookup.Finding, "unknown finding"),
        };
        conditions.Set(type, status, reason, lookup.Message, now, generation);
    }
}
