using System.Buffers;
using Granary.Worker.Postgres.Connecting;
using Granary.Worker.Postgres.Dumping;
using Granary.Worker.Processes;
using Granary.Worker.Streams;
using Microsoft.Extensions.Logging;

namespace Granary.Worker.Postgres.Restoring;

/// <summary>How a restore ended that did not fail.</summary>
/// <param name="BenignErrors">Errors that a sound dump raises on a server which is not empty.</param>
/// <param name="IgnoredErrors">Real errors that the user asked to ignore.</param>
internal sealed record RestoreOutcome(long BenignErrors, long IgnoredErrors);

/// <summary>Takes a dump, recognises what it is, and runs it against a server as it comes in.</summary>
/// <remarks>
/// Scripts go to psql. Archives go through pg_restore, which turns them into a script, to the same psql: so errors are
/// told apart by their codes in either case. psql goes on after an error, as Stash does, but every error outside
/// <see cref="BenignErrors"/> fails the restore at the end. Nothing is held but the pipes and single lines.
/// </remarks>
internal sealed class RestoreTarget : IAsyncDisposable
{
    private readonly PostgresConnection _connection;
    private readonly ServerInfo _server;
    private readonly ClientBinaries _clients;
    private readonly RestoreArguments _arguments;
    private readonly Redactor _redactor;
    private readonly ILogger _log;

    private readonly ScriptRestore _script;
    private readonly TextTail _archiveDiagnostics = new();
    private readonly ArrayBufferWriter<byte> _head = new(DumpFormat.HeadLength);
    private readonly CancellationTokenRegistration _killOnCancel;
    private ToolProcess? _pgRestore;
    private Task _converting = Task.CompletedTask;
    private bool _hasStarted;

    /// <summary>Prepares a restore; tools start with the first bytes.</summary>
    /// <param name="connection">The server.</param>
    /// <param name="server">What it said of itself.</param>
    /// <param name="clients">Where the tools are.</param>
    /// <param name="arguments">The user's arguments.</param>
    /// <param name="redactor">Takes secrets out of what the tools say.</param>
    /// <param name="log">Gets errors as they come, so that a long restore shows them early.</param>
    /// <param name="cancellationToken">Kills the tools.</param>
    public RestoreTarget(
        PostgresConnection connection,
        ServerInfo server,
        ClientBinaries clients,
        RestoreArguments arguments,
        Redactor redactor,
        ILogger log,
        CancellationToken cancellationToken
    )
    {
        _connection = connection;
        _server = server;
        _clients = clients;
        _arguments = arguments;
        _redactor = redactor;
        _log = log;
        _script = new ScriptRestore(connection, server, clients.ForRestore(), arguments, redactor, log);
        Input = new RestoreInput(WriteAsync);

        // A write to a full pipe cannot be cancelled; ending the reader ends it.
        _killOnCancel = cancellationToken.Register(static state => ((RestoreTarget)state!).Kill(), this);
    }

    /// <summary>
    /// Where the dump is written to. Not to be disposed of; <see cref="CompleteAsync"/> says that it has ended.
    /// </summary>
    public Stream Input { get; }

    /// <summary>
    /// Says that the dump has ended as it should, waits for the tools, and judges what they reported.
    /// </summary>
    /// <remarks>
    /// Not to be called when the dump broke off: the end of input would make psql commit the rows it has. Disposing
    /// then kills the tools, and the server rolls the open statement back.
    /// </remarks>
    /// <exception cref="ToolException">A tool failed, or the server refused a statement.</exception>
    public async Task<RestoreOutcome> CompleteAsync(CancellationToken cancellationToken)
    {
        if (!_hasStarted)
        {
            await StartAsync(cancellationToken);
        }

        if (_pgRestore is { } archive)
        {
            archive.CloseInput();
            await _converting;
            await CheckArchiveAsync(archive, cancellationToken);
        }

        return await _script.CompleteAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _killOnCancel.DisposeAsync();
        Kill();
        await Settle(_converting);
        if (_pgRestore is not null)
        {
            await _pgRestore.DisposeAsync();
        }

        await _script.DisposeAsync();
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        if (_hasStarted)
        {
            await PassAsync(part, cancellationToken);
            return;
        }

        _head.Write(part.Span);
        if (_head.WrittenCount >= DumpFormat.HeadLength)
        {
            await StartAsync(cancellationToken);
        }
    }

    private async ValueTask PassAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        if (_pgRestore is not { } archive)
        {
            await _script.WriteAsync(part, cancellationToken);
            return;
        }

        try
        {
            await archive.Input.WriteAsync(part, cancellationToken);
        }
        catch (IOException)
        {
            // It ended before it read everything. When the script's end made it, that failure is the cause.
            cancellationToken.ThrowIfCancellationRequested();
            await _converting;
            await CheckArchiveAsync(archive, cancellationToken);
            throw new ToolException("pg_restore stopped reading before the dump had ended");
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _hasStarted = true;
        var format = DumpFormat.Of(_head.WrittenSpan);
        await _script.StartAsync(FirstDatabase(format), cancellationToken);
        if (format.Kind == DumpKind.Archive)
        {
            _pgRestore = StartPgRestore(format);
            _converting = ConvertAsync(_pgRestore, cancellationToken);
        }

        await PassAsync(_head.WrittenMemory, cancellationToken);
        _head.ResetWrittenCount();
    }

    /// <summary>
    /// A cluster dump may drop the database that has the user's name; the maintenance database it never drops.
    /// </summary>
    private string FirstDatabase(DumpFormat format) =>
        _arguments.Database is { } named ? named
        : format.Kind == DumpKind.ClusterScript && _server.HasMaintenanceDatabase ? "postgres"
        : _server.Database;

    private ToolProcess StartPgRestore(DumpFormat format)
    {
        var client = _clients.ForArchive(_server.Major, format.OldestReader);
        var command = new ToolCommand(
            client["pg_restore"],
            ["--file=-", .. _arguments.PgRestore],
            _connection.Environment
        );
        _log.ToolStarted(_redactor.Redact(command.ToString()));
        return ToolProcess.Start(command, _archiveDiagnostics.Add);
    }

    /// <summary>
    /// Only a script that is known to be whole may end: psql would commit what it has of a broken one.
    /// </summary>
    private async Task ConvertAsync(ToolProcess archive, CancellationToken cancellationToken)
    {
        PipeSize.Grow(archive.Output);
        var buffer = new byte[PipeSize.Wanted];
        try
        {
            int length;
            while ((length = await archive.Output.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await _script.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
            }
        }
        catch
        {
            // Without a reader pg_restore would wait for ever; it is not the one that failed.
            archive.Kill();
            throw;
        }
    }

    private async Task CheckArchiveAsync(ToolProcess archive, CancellationToken cancellationToken)
    {
        if (await archive.WaitAsync(cancellationToken) is var status and not 0)
        {
            _script.Kill();
            throw new ToolException(
                Failure.Describe(archive.Name, status, _redactor.Redact(_archiveDiagnostics.ToString()))
            );
        }
    }

    private void Kill()
    {
        _pgRestore?.Kill();
        _script.Kill();
    }

    /// <summary>Waits for a task whose failure is reported in another way.</summary>
    private static Task Settle(Task task) =>
        task.ContinueWith(
            static _ => { },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
}
