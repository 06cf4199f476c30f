using System.Globalization;
using Granary.Access;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Engine.Repositories;
using Granary.Engine.Retention;
using Granary.Metrics;
using Granary.Worker.Cluster;
using Granary.Worker.Metrics;
using Granary.Worker.Reporting;
using Granary.Worker.Steps.Maintenance;
using ApiRetentionPolicy = Granary.Api.Common.RetentionPolicy;
using RepositoryResource = Granary.Api.Stash.V1Alpha1.Repository;
using RetentionPolicy = Granary.Engine.Retention.RetentionPolicy;

namespace Granary.Worker.Steps.UpdateStatus;

/// <summary>
/// What the last target of a session does with the repository: retention, check, metrics, its status. Source: §2.5.
/// </summary>
internal sealed class PostBackupActions(WorkerServices services)
{
    private static readonly PostBackupAction[] Known =
    [
        new(
            BackupActions.ApplyRetentionPolicy,
            ConditionTypes.RetentionPolicyApplied,
            ConditionReasons.SuccessfullyAppliedRetentionPolicy,
            ConditionReasons.FailedToApplyRetentionPolicy,
            (run, cancellationToken) => run.ApplyRetentionAsync(cancellationToken)
        ),
        new(
            BackupActions.VerifyRepositoryIntegrity,
            ConditionTypes.RepositoryIntegrityVerified,
            ConditionReasons.SuccessfullyVerifiedRepositoryIntegrity,
            ConditionReasons.FailedToVerifyRepositoryIntegrity,
            (run, cancellationToken) => run.VerifyAsync(cancellationToken)
        ),
        new(
            BackupActions.SendRepositoryMetrics,
            ConditionTypes.RepositoryMetricsPushed,
            ConditionReasons.SuccessfullyPushedRepositoryMetrics,
            ConditionReasons.FailedToPushRepositoryMetrics,
            (run, cancellationToken) => run.SendMetricsAsync(cancellationToken)
        ),
    ];

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
        var run = new Run(services, request, invoker, settings, access);
        foreach (var name in actions)
        {
            var action = Find(name);
            if (session.Status.Conditions.Find(action.Condition) is { } known)
            {
                if (known.Status == Api.Common.ConditionStatus.True)
                {
                    continue;
                }

                break;
            }

            var (isDone, message) = await TryAsync(run, action, cancellationToken);
            session = await SessionConditions.SetAsync(
                services,
                session,
                action.Condition,
                isDone,
                isDone ? action.GoodReason : action.BadReason,
                message,
                cancellationToken
            );
            if (!isDone)
            {
                break;
            }
        }

        await run.WriteRepositoryAsync(session, cancellationToken);
    }

    private static PostBackupAction Find(string name) =>
        Array.Find(Known, action => action.Name == name)
        ?? throw new StepFailedException($"The action '{name}' is not known");

    private async Task<(bool IsDone, string Message)> TryAsync(
        Run run,
        PostBackupAction action,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var message = await action.RunAsync(run, cancellationToken);
            services.Log.ActionDone(action.Name, message);
            return (true, message);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var error = FailureText.Of(e, services.Redactor);
            services.Log.ActionFailed(action.Name, error);
            return (false, error);
        }
    }

    /// <summary>One action: its condition with the reasons for True and False, and what it does.</summary>
    private sealed record PostBackupAction(
        string Name,
        string Condition,
        string GoodReason,
        string BadReason,
        Func<Run, CancellationToken, Task<string>> RunAsync
    );

    /// <summary>The actions themselves, and what they find out about the repository on their way.</summary>
    private sealed class Run(
        WorkerServices services,
        UpdateRequest request,
        Invoker invoker,
        BackendSettings settings,
        RepositoryAccess access
    )
    {
        private readonly RepositoryMaintenance _maintenance = new(access, services.Time);
        private OpenRepository? _repository;
        private RepositoryFacts _facts = new();

        public async Task<string> ApplyRetentionAsync(CancellationToken cancellationToken)
        {
            var policy = Policy(invoker.Retention);
            if (policy.IsEmpty)
            {
                _facts = _facts with { SnapshotsRemoved = 0 };
                return "The retention policy has no keep rule: nothing to clean up.";
            }

            var isDryRun = invoker.Retention?.DryRun == true;
            var outcome = await _maintenance.RetainAsync(
                await OpenAsync(cancellationToken),
                policy,
                invoker.Retention?.Prune == true,
                isDryRun,
                cancellationToken
            );
            _facts = _facts with { SnapshotsRemoved = isDryRun ? 0 : outcome.Removed };
            var message = string.Create(
                CultureInfo.InvariantCulture,
                $"{outcome.Kept} snapshots kept, {outcome.Removed} "
                    + $"{(isDryRun ? "would have been removed (dry run)" : "removed")}"
            );
            return outcome.BytesFreed is { } bytes ? $"{message}, {StatusText.Size(bytes)} freed." : $"{message}.";
        }

        public async Task<string> VerifyAsync(CancellationToken cancellationToken)
        {
            var check = await _maintenance.CheckAsync(await OpenAsync(cancellationToken), cancellationToken);
            _facts = _facts with { Integrity = check.Problems.Count == 0 };
            if (check.Problems.Count > 0)
            {
                throw new StepFailedException(
                    $"The repository is damaged: {string.Join("; ", check.Problems.Take(5))}"
                );
            }

            await MeasureAsync(cancellationToken);
            return check.WasWhole
                ? "The repository is sound."
                : "The newest snapshot of each host is sound; others use the repository, so the rest was not looked "
                    + "at.";
        }

        public async Task<string> SendMetricsAsync(CancellationToken cancellationToken)
        {
            await MeasureAsync(cancellationToken);
            var metrics = new MetricsPush(services, request.Metrics, request.LabelsOf(invoker));
            var series = new Exposition();
            HostSeries.AddRepository(
                series,
                metrics.Labels.OfRepository(invoker.RepositoryNamespace, settings.Location),
                _facts
            );
            if (await metrics.PushAsync(series, cancellationToken) is { } failure)
            {
                throw new StepFailedException(failure);
            }

            return metrics.IsEnabled
                ? "Repository metrics were pushed."
                : "No Pushgateway is configured: there is nothing to push.";
        }

        /// <summary>Writes what is known now; what no action looked at stays as it was.</summary>
        public async Task WriteRepositoryAsync(BackupSession session, CancellationToken cancellationToken)
        {
            if (invoker.Repository is not { } reference)
            {
                return;
            }

            var at = session.Metadata.CreationTimestamp is { } created
                ? new DateTimeOffset(created.ToUniversalTime())
                : services.Time.GetUtcNow();
            await StatusWriter.UpdateAsync<RepositoryResource>(
                services.Cluster,
                invoker.RepositoryNamespace,
                reference.Name,
                repository =>
                {
                    var members = new Dictionary<string, object?>(StringComparer.Ordinal) { ["lastBackupTime"] = at };
                    if (repository.Status.FirstBackupTime is null)
                    {
                        members["firstBackupTime"] = at;
                    }

                    Add(members, "integrity", _facts.Integrity);
                    Add(members, "snapshotCount", _facts.SnapshotCount);
                    Add(members, "totalSize", _facts.SizeBytes is { } bytes ? StatusText.Size(bytes) : null);
                    Add(members, "snapshotsRemovedOnLastCleanup", _facts.SnapshotsRemoved);
                    return members;
                },
                cancellationToken
            );
        }

        private async Task MeasureAsync(CancellationToken cancellationToken)
        {
            if (_facts.SnapshotCount is null)
            {
                var size = await _maintenance.SizeAsync(await OpenAsync(cancellationToken), cancellationToken);
                _facts = _facts with { SnapshotCount = size.Snapshots, SizeBytes = size.Bytes };
            }
        }

        private async Task<OpenRepository> OpenAsync(CancellationToken cancellationToken) =>
            _repository ??= await access.OpenAsync(cancellationToken);

        private static void Add(Dictionary<string, object?> members, string name, object? value)
        {
            if (value is not null)
            {
                members[name] = value;
            }
        }

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
}
