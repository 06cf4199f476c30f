using System.Globalization;
using Granary.Access;
using Granary.Api.Names;
using Granary.Api.Status;
using Granary.Engine.Repositories;
using Granary.Metrics;
using Granary.Worker.Cluster;
using Granary.Worker.Metrics;
using Granary.Worker.Reporting;
using RepositoryResource = Granary.Api.Stash.V1Alpha1.Repository;
using RetentionPolicy = Granary.Engine.Retention.RetentionPolicy;

namespace Granary.Worker.Steps.Maintenance;

/// <summary>For whom a repository is looked after, and how.</summary>
/// <param name="Namespace">Namespace of the Repository object.</param>
/// <param name="Name">Its name; empty when there is none to write to.</param>
/// <param name="Policy">Which snapshots stay.</param>
/// <param name="Prune">Whether the data that only removed snapshots needed goes as well.</param>
/// <param name="IsDryRun">Whether retention only says what it would do.</param>
/// <param name="SessionTime">When the session was made; it becomes the Repository's last backup time.</param>
/// <param name="Metrics">What to push.</param>
/// <param name="Labels">Labels of what is pushed.</param>
internal sealed record CareRequest(
    string Namespace,
    string Name,
    RetentionPolicy Policy,
    bool Prune,
    bool IsDryRun,
    DateTimeOffset SessionTime,
    MetricsRequest Metrics,
    MetricLabels Labels
);

/// <summary>
/// What is done with a repository behind a backup: retention, check, metrics, its status. Source: stash-behaviour §2.5.
/// </summary>
/// <param name="services">The parts of the program.</param>
/// <param name="request">For whom, and how.</param>
/// <param name="settings">Where the repository is.</param>
/// <param name="access">The way to it.</param>
internal sealed class RepositoryCare(
    WorkerServices services,
    CareRequest request,
    BackendSettings settings,
    RepositoryAccess access
)
{
    private readonly RepositoryMaintenance _maintenance = new(access, services.Time);
    private OpenRepository? _repository;
    private RepositoryFacts _facts = new();

    /// <summary>Runs one action. A failure is an outcome; only a stop by the caller is thrown.</summary>
    /// <param name="action">The action, see <see cref="BackupActions.PostBackup"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<ActionOutcome> RunAsync(string action, CancellationToken cancellationToken)
    {
        try
        {
            var message = action switch
            {
                BackupActions.ApplyRetentionPolicy => await ApplyRetentionAsync(cancellationToken),
                BackupActions.VerifyRepositoryIntegrity => await VerifyAsync(cancellationToken),
                BackupActions.SendRepositoryMetrics => await SendMetricsAsync(cancellationToken),
                _ => throw new StepFailedException($"The action '{action}' is not known"),
            };
            services.Log.ActionDone(action, message);
            return new(action, IsDone: true, message);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var error = FailureText.Of(e, services.Redactor);
            services.Log.ActionFailed(action, error);
            return new(action, IsDone: false, error);
        }
    }

    private async Task<string> ApplyRetentionAsync(CancellationToken cancellationToken)
    {
        if (request.Policy.IsEmpty)
        {
            _facts = _facts with { SnapshotsRemoved = 0 };
            return "The retention policy has no keep rule: nothing to clean up.";
        }

        var outcome = await _maintenance.RetainAsync(
            await OpenAsync(cancellationToken),
            new SnapshotOwner(request.Labels.Namespace, request.Labels.InvokerKind, request.Labels.InvokerName),
            request.Policy,
            request.Prune,
            request.IsDryRun,
            cancellationToken
        );
        _facts = _facts with { SnapshotsRemoved = request.IsDryRun ? 0 : outcome.Removed };
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"{outcome.Kept} snapshots kept, {outcome.Removed} "
                + $"{(request.IsDryRun ? "would have been removed (dry run)" : "removed")}"
        );
        return outcome.BytesFreed is { } bytes ? $"{message}, {StatusText.Size(bytes)} freed." : $"{message}.";
    }

    private async Task<string> VerifyAsync(CancellationToken cancellationToken)
    {
        var check = await _maintenance.CheckAsync(await OpenAsync(cancellationToken), cancellationToken);
        _facts = _facts with { Integrity = check.Problems.Count == 0 };
        if (check.Problems.Count > 0)
        {
            throw new StepFailedException($"The repository is damaged: {string.Join("; ", check.Problems.Take(5))}");
        }

        await MeasureAsync(cancellationToken);
        return check.WasWhole
            ? "The repository is sound."
            : "The newest snapshot of each host is sound; others use the repository, so the rest was not looked "
                + "at.";
    }

    private async Task<string> SendMetricsAsync(CancellationToken cancellationToken)
    {
        await MeasureAsync(cancellationToken);
        var metrics = new MetricsPush(services, request.Metrics, request.Labels);
        var series = new Exposition();
        HostSeries.AddRepository(series, metrics.Labels.OfRepository(request.Namespace, settings.Location), _facts);
        if (await metrics.PushAsync(series, cancellationToken) is { } failure)
        {
            throw new StepFailedException(failure);
        }

        return metrics.IsEnabled
            ? "Repository metrics were pushed."
            : "No Pushgateway is configured: there is nothing to push.";
    }

    /// <summary>Writes what is known now; what no action looked at stays as it was.</summary>
    public async Task WriteStatusAsync(CancellationToken cancellationToken)
    {
        if (request.Name.Length == 0)
        {
            return;
        }

        var at = request.SessionTime;
        await StatusWriter.UpdateAsync<RepositoryResource>(
            services.Cluster,
            request.Namespace,
            request.Name,
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
}
