using System.Globalization;
using Granary.Access;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Worker.Postgres;
using Granary.Worker.Postgres.Restoring;
using Granary.Worker.Progress;
using RestoreTarget = Granary.Worker.Postgres.Restoring.RestoreTarget;

namespace Granary.Worker.Steps.Restore;

/// <summary>What <c>restore-pg</c> is asked to do.</summary>
/// <param name="Database">The database to restore into.</param>
/// <param name="Storage">The repository.</param>
/// <param name="SourceHost">The host whose backup is restored; empty when nobody said.</param>
/// <param name="Snapshot">Id or <c>latest</c>; empty for latest.</param>
/// <param name="Arguments">The user's arguments for psql.</param>
/// <param name="Namespace">Namespace of the restore.</param>
internal sealed record RestoreRequest(
    DatabaseFlags Database,
    BackendSettings Storage,
    string SourceHost,
    string Snapshot,
    string Arguments,
    string Namespace
);

/// <summary>
/// Restores a PostgreSQL server: repository → psql, nothing in between. Source: stash-behaviour §4.4.
/// </summary>
internal sealed class RestoreStep(WorkerServices services)
{
    /// <summary>Restores, and says which snapshot it was.</summary>
    public async Task<StepResult> RunAsync(RestoreRequest request, CancellationToken cancellationToken)
    {
        var arguments = RestoreArguments.Parse(request.Arguments);
        await using var access = services.Access(request.Storage);
        var repository = await access.OpenAsync(cancellationToken);

        using var scratch = new ScratchDirectory(request.Database.ScratchDirectory);
        var database = await new DatabaseAccess(services).ConnectAsync(
            request.Database,
            scratch,
            arguments.Databases,
            cancellationToken
        );
        if (database.Server.IsStandby)
        {
            throw new StepFailedException(
                $"PostgreSQL at {database.Connection.Address} is a standby, which only replays its primary; restore "
                    + "into the primary"
            );
        }

        await using var held = await access.LockAsync(
            repository,
            LockMode.Shared,
            RepositoryAccess.LockPatience,
            cancellationToken
        );
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
        var snapshot = await SnapshotChoice.FindAsync(
            repository,
            request.Snapshot,
            request.SourceHost,
            request.Database.Target,
            request.Namespace,
            stop.Token
        );
        services.Log.RestoreStarts(
            snapshot.Id.ToString(),
            snapshot.Record.Hostname,
            database.Connection.Address,
            database.Server.Version,
            access.Backend.Location
        );

        var index = await repository.LoadIndexAsync(stop.Token);
        var outcome = await ApplyAsync(index, snapshot, database, arguments, stop.Token);
        var message = Message(snapshot, outcome);
        services.Log.RestoreMade(message);
        return new StepResult(null, [Completed(message)]);
    }

    private async Task<RestoreOutcome> ApplyAsync(
        IndexedRepository index,
        Snapshot snapshot,
        ReachedDatabase database,
        RestoreArguments arguments,
        CancellationToken cancellationToken
    )
    {
        var clients = ClientBinaries.Installed(services.Options.PostgresBinaryRoots);
        await using var target = new RestoreTarget(
            database.Connection,
            database.Server,
            clients,
            arguments,
            services.Redactor,
            services.Log,
            cancellationToken
        );
        var progress = new Latest<DumpProgress>();
        await new ProgressDisplay(services).RunAsync(
            () =>
                index.DumpAsync(
                    snapshot,
                    PathIn(snapshot),
                    target.Input,
                    new DumpOptions(),
                    progress,
                    cancellationToken
                ),
            () => Advance.Of("Restoring", progress.Value)
        );
        return await target.CompleteAsync(cancellationToken);
    }

    /// <summary>Backups of other tools may have stored the one file under another name.</summary>
    private static string PathIn(Snapshot snapshot) =>
        snapshot.Record.Paths is [var only] ? only : $"/{PodNames.DumpFile}";

    private static string Message(Snapshot snapshot, RestoreOutcome outcome)
    {
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"Restored snapshot {snapshot.Id.Short} of host {snapshot.Record.Hostname}, taken "
                + $"{snapshot.Record.Time.Value.UtcDateTime:u}."
        );
        return outcome.IgnoredErrors == 0
            ? message
            : $"{message} {outcome.IgnoredErrors} SQL errors were ignored, as ON_ERROR_STOP is off.";
    }

    private Condition Completed(string message) =>
        new()
        {
            Type = ConditionTypes.RestoreCompleted,
            Status = ConditionStatus.True,
            Reason = ConditionReasons.PostRestoreTasksExecuted,
            Message = message,
            LastTransitionTime = services.Time.GetUtcNow(),
        };
}
