using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;

namespace Granary.Operator.Sessions;

/// <summary>Which finished sessions of an invoker are deleted.</summary>
/// <remarks>
/// The newest that ended in success or failure is kept even beyond the limit, so that skipped sessions cannot hide the
/// last result. A session that ends right now counts as finished. Source: stash-behaviour §2.5, "History cleanup".
/// </remarks>
internal static class HistoryPlan
{
    /// <param name="limit">How many to keep; zero or less keeps none.</param>
    /// <param name="ending">The session that is about to get its final phase.</param>
    public static IReadOnlyList<BackupSession> Superfluous(
        IEnumerable<BackupSession> sessions,
        int limit,
        BackupSession ending
    )
    {
        var finished = sessions
            .Where(session => session.Metadata.DeletionTimestamp is null)
            .Where(session => IsEnding(session, ending) || SessionPhase.IsFinal(session.Status.Phase))
            .OrderByDescending(SessionPlan.Created)
            .ThenByDescending(session => session.Metadata.Name, StringComparer.Ordinal)
            .ToList();
        var lastResult = finished.Find(session =>
            IsEnding(session, ending)
                ? ending.Status.Phase != SessionPhase.Skipped
                : session.Status.Phase is SessionPhase.Succeeded or SessionPhase.Failed
        );
        return
        [
            .. finished
                .Skip(Math.Max(0, limit))
                .Where(session => limit <= 0 || session != lastResult)
                // It still has its last words to write; the next session deletes it.
                .Where(session => !IsEnding(session, ending)),
        ];
    }

    private static bool IsEnding(BackupSession session, BackupSession ending) =>
        session.Metadata.Uid == ending.Metadata.Uid;
}
