using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Worker.Cluster;

namespace Granary.Worker.Reporting;

/// <summary>Sets conditions of a BackupSession as a whole.</summary>
internal static class SessionConditions
{
    /// <summary>Sets a condition, unless it is that way already.</summary>
    /// <returns>The session as it is then.</returns>
    public static Task<BackupSession> SetAsync(
        WorkerServices services,
        BackupSession session,
        string type,
        bool status,
        string reason,
        string message,
        CancellationToken cancellationToken
    ) =>
        StatusWriter.UpdateAsync<BackupSession>(
            services.Cluster,
            session.Metadata.NamespaceProperty,
            session.Metadata.Name,
            current =>
            {
                var conditions = current.Status?.Conditions ?? [];
                return conditions.Set(type, status, reason, message, services.Time.GetUtcNow())
                    ? new Dictionary<string, object?>(StringComparer.Ordinal) { ["conditions"] = conditions }
                    : null;
            },
            cancellationToken
        );
}
