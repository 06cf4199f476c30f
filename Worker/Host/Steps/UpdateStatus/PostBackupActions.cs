using Granary.Access;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Worker.Cluster;
using Granary.Worker.Reporting;
using Granary.Worker.Steps.Maintenance;
using ApiRetentionPolicy = Granary.Api.Common.RetentionPolicy;
using RetentionPolicy = Granary.Engine.Retention.RetentionPolicy;

namespace Granary.Worker.Steps.UpdateStatus;

/// <summary>
/// What the last target of a session does with a repository of its own namespace, as conditions of the session. Source:
/// stash-behaviour §2.5.
/// </summary>
internal sealed class PostBackupActions(WorkerServices services)
{
    /// <summary>
    /// Runs the actions in their order. The first that fails sets its condition False and ends the sequence.
    /// </summary>
    /// <param name="request">Whose actions.</param>
    /// <param name="session">The session.</param>
    /// <param name="invoker">Its invoker.</param>
    /// <param name="actions">
    /// What to do, see <see cref="BackupActions"/>; those whose condition is set are done already.
    /// </param>
    /// <param name="storage">Where the repository is.</param>
    /// <param name="cancellationToken">Stops the sequence.</param>
    public async Task RunAsync(
        UpdateRequest request,
        BackupSession session,
        Invoker invoker,
        IReadOnlyList<string> actions,
        Func<CancellationToken, Task<BackendSettings>> storage,
        CancellationToken cancellationToken
    )
    {
        var settings = await storage(cancellationToken);
        await using var access = services.Access(settings);
        var care = new RepositoryCare(services, CareFor(request, session, invoker), settings, access);
        foreach (var name in actions)
        {
            var action = BackupActions.Find(name) ?? throw new StepFailedException($"The action '{name}' is not known");
            if (session.Status.Conditions.Find(action.Condition) is { } known)
            {
                if (known.Status == Api.Common.ConditionStatus.True)
                {
                    continue;
                }

                break;
            }

            var outcome = await care.RunAsync(name, cancellationToken);
            session = await SessionConditions.SetAsync(
                services,
                session,
                action.Condition,
                outcome.IsDone,
                action.Reason(outcome.IsDone),
                outcome.Message,
                cancellationToken
            );
            if (!outcome.IsDone)
            {
                break;
            }
        }

        await care.WriteStatusAsync(cancellationToken);
    }

    private CareRequest CareFor(UpdateRequest request, BackupSession session, Invoker invoker) =>
        new(
            invoker.RepositoryNamespace,
            invoker.Repository?.Name ?? "",
            Policy(invoker.Retention),
            invoker.Retention?.Prune == true,
            invoker.Retention?.DryRun == true,
            session.Metadata.CreationTimestamp is { } created
                ? new DateTimeOffset(created.ToUniversalTime())
                : services.Time.GetUtcNow(),
            request.Metrics,
            request.LabelsOf(invoker)
        );

    private static RetentionPolicy Policy(ApiRetentionPolicy? policy) =>
        new()
        {
            Last = Count(policy?.KeepLast),
            Hourly = Count(policy?.KeepHourly),
            Daily = Count(policy?.KeepDaily),
            Weekly = Count(policy?.KeepWeekly),
            Monthly = Count(policy?.KeepMonthly),
            Yearly = Count(policy?.KeepYearly),
            Tags = policy?.KeepTags?.ConvertAll<IReadOnlyList<string>>(tag => [tag]) ?? [],
        };

    /// <summary>Only positive counts are rules.</summary>
    private static int Count(long? count) => (int)Math.Clamp(count ?? 0, 0, int.MaxValue);
}
