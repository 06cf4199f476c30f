using Granary.Access;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Engine;
using Granary.Engine.Archiving;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Worker.Postgres;
using Granary.Worker.Postgres.Dumping;
using Granary.Worker.Processes;
using Granary.Worker.Progress;
using Granary.Worker.Reporting;
using Granary.Worker.Steps.Maintenance;

namespace Granary.Worker.Steps.Backup;

/// <summary>What <c>backup-pg</c> is asked to do.</summary>
/// <param name="Database">The database.</param>
/// <param name="Storage">The repository.</param>
/// <param name="Hostname">The snapshot's host.</param>
/// <param name="BackupCommand">pg_dump or pg_dumpall.</param>
/// <param name="Arguments">The user's arguments for it.</param>
/// <param name="Namespace">Namespace of the session.</param>
/// <param name="Session">Name of the session; empty where there is none.</param>
internal sealed record BackupRequest(
    DatabaseFlags Database,
    BackendSettings Storage,
    string Hostname,
    string BackupCommand,
    string Arguments,
    string Namespace,
    string Session
);

/// <summary>
/// Backs a PostgreSQL server up: dump program → repository, nothing in between. Source: stash-behaviour §4.3.
/// </summary>
internal sealed class BackupStep(WorkerServices services)
{
    /// <summary>Makes the backup, and reads its snapshot back before it is called good.</summary>
    public async Task<StepResult> RunAsync(BackupRequest request, CancellationToken cancellationToken)
    {
        var command = DumpCommand.Parse(request.BackupCommand, request.Arguments);
        await using var access = services.Access(request.Storage);
        var repository = await new RepositoryInitialization(services).EnsureAsync(
            access,
            request.Namespace,
            request.Session,
            request.Database.Target,
            cancellationToken
        );

        using var scratch = new ScratchDirectory(request.Database.ScratchDirectory);
        var database = await new DatabaseAccess(services).ConnectAsync(
            request.Database,
            scratch,
            command.Databases,
            cancellationToken
        );
        var client = ClientBinaries.Installed(services.Options.PostgresBinaryRoots).ForDump(database.Server.Major);
        services.Log.BackupStarts(
            command.Program,
            client.Major,
            database.Connection.Address,
            database.Server.Version,
            access.Backend.Location
        );

        await using var held = await access.LockAsync(
            repository,
            LockMode.Shared,
            RepositoryAccess.LockPatience,
            cancellationToken
        );
        var index = await repository.LoadIndexAsync(cancellationToken);
        var tool = new ToolCommand(
            client[command.Program],
            [.. database.Connection.Arguments, .. command.Arguments],
            database.Connection.Environment
        );
        await using var source = new DumpSource(tool, PodNames.DumpFile, services.Redactor, services.Log);
        var tags = await TagsAsync(request, cancellationToken);
        var result = await StoreAsync(index, source, request.Hostname, tags, held, cancellationToken);

        try
        {
            await index.VerifySnapshotAsync(result.SnapshotId, cancellationToken);
        }
        catch (RepositoryException e)
        {
            await repository.WithdrawSnapshotAsync(result.SnapshotId, e.Message);
            throw;
        }

        services.Log.BackupMade(
            result.SnapshotId.ToString(),
            result.Summary.TotalBytesProcessed,
            result.Summary.DataAddedPacked,
            result.Duration.TotalSeconds
        );
        return new StepResult([Describe(result)], []);
    }

    /// <summary>Whose the snapshot is going to be; nobody's where no session asked for it.</summary>
    private async Task<IReadOnlyList<string>> TagsAsync(BackupRequest request, CancellationToken cancellationToken)
    {
        if (request.Session.Length == 0)
        {
            return [];
        }

        var session = await services.Cluster.ReadAsync<BackupSession>(
            request.Namespace,
            request.Session,
            cancellationToken
        );
        return session.Spec.Invoker is { Kind: { Length: > 0 } kind, Name: { Length: > 0 } name }
            ? new SnapshotOwner(request.Namespace, kind, name).TagsFor(request.Database.Target)
            : [];
    }

    private Task<BackupResult> StoreAsync(
        IndexedRepository index,
        DumpSource source,
        string hostname,
        IReadOnlyList<string> tags,
        RepositoryLock held,
        CancellationToken cancellationToken
    )
    {
        var options = new BackupOptions
        {
            Hostname = hostname,
            Tags = tags,
            Username = Environment.UserName,
            UserId = ProcessIdentity.UserId,
            GroupId = ProcessIdentity.GroupId,
        };
        var progress = new Latest<BackupProgress>();
        return new ProgressDisplay(services).RunAsync(
            () => index.BackupAsync([source], options, progress, held, cancellationToken),
            () => Advance.Of(progress.Value)
        );
    }

    private static SnapshotOutput Describe(BackupResult result)
    {
        var summary = result.Summary;
        return new()
        {
            Name = result.SnapshotId.ToString(),
            Path = PodNames.DumpFile,
            TotalSize = StatusText.Size(summary.TotalBytesProcessed),
            Uploaded = StatusText.Size(summary.DataAddedPacked),
            ProcessingTime = StatusText.ProcessingTime(result.Duration),
            FileStats = new FileStats
            {
                TotalFiles = summary.TotalFilesProcessed,
                NewFiles = summary.FilesNew,
                ModifiedFiles = summary.FilesChanged,
                UnmodifiedFiles = summary.FilesUnmodified,
            },
            TotalBytes = summary.TotalBytesProcessed,
            UploadedBytes = summary.DataAddedPacked,
            ProcessingSeconds = result.Duration.TotalSeconds,
        };
    }
}
