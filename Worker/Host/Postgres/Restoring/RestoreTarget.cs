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
/// <see cref="BenignErrors"/> fails the restore at the end. Nothing is held but the pipes and one line of the roles
/// section.
/// </remarks>
internal sealed class RestoreTarget : IAsyncDisposable
{
    private readonly PostgresConnection _connection;
    private readonly ServerInfo _server;
    private readonly ClientBinaries _clients;
    private readonly RestoreArguments _arguments;
    private readonly Redactor _redactor;
    private readonly ILogger _log;

    private readonly SqlErrorLog _errors;
    private readonly TextTail _archiveDiagnostics = new();
    private readonly ArrayBufferWriter<byte> _head = new(DumpFormat.HeadLength);
    private readonly ArrayBufferWriter<byte> _filtered = new();
    private readonly CancellationTokenRegistration _killOnCancel;
    private OwnRoleFilter? _filter;
    private ToolProcess? _psql;
    private ToolProcess? _pgRestore;
    private Task _converting = Task.CompletedTask;
    private bool _psqlEndedFirst;

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
        _errors = new SqlErrorLog(error => log.SqlFailed(redactor.Redact(error.Describe())));
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
        try
        {
            if (_psql is null)
            {
                await StartAsync(cancellationToken);
            }

            _filter?.End(_filtered);
            await FlushAsync(cancellationToken);
            (_pgRestore ?? _psql)?.Input.Close();
            await _converting;
        }
        catch (IOException)
        {
            // A tool ended before it read everything; its status and words say why.
        }

        return await JudgeAsync(cancellationToken);
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

        if (_psql is not null)
        {
            await _psql.DisposeAsync();
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        try
        {
            if (_psql is null)
            {
                _head.Write(part.Span);
                if (_head.WrittenCount >= DumpFormat.HeadLength)
                {
                    await StartAsync(cancellationToken);
                }
            }
            else
            {
                await PassAsync(part, cancellationToken);
            }
        }
        catch (IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await JudgeAsync(cancellationToken);
            throw new ToolException("psql stopped reading before the dump had ended");
        }
    }

    private async ValueTask PassAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        if (_filter is null or { IsDone: true })
        {
            await (_pgRestore ?? _psql!).Input.WriteAsync(part, cancellationToken);
            return;
        }

        _filter.Filter(part.Span, _filtered);
        await FlushAsync(cancellationToken);
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_filtered.WrittenCount > 0 && _psql is not null)
        {
            await _psql.Input.WriteAsync(_filtered.WrittenMemory, cancellationToken);
            _filtered.ResetWrittenCount();
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var format = DumpFormat.Of(_head.WrittenSpan);
        _psql = StartPsql(format);
        if (format.Kind == DumpKind.Archive)
        {
            _pgRestore = StartPgRestore(format);
            _converting = ConvertAsync(_pgRestore, _psql, cancellationToken);
        }
        else if (format.Kind == DumpKind.ClusterScript)
        {
            _filter = new OwnRoleFilter(_connection.User);
        }

        await PassAsync(_head.WrittenMemory, cancellationToken);
        _head.ResetWrittenCount();
    }

    private ToolProcess StartPsql(DumpFormat format)
    {
        var client = _clients.ForRestore(_server.Major);
        var environment = new Dictionary<string, string?>(_connection.Environment, StringComparer.Ordinal);

        // A cluster dump may drop the database that has the user's name; the maintenance database it never drops.
        if (format.Kind == DumpKind.ClusterScript && _arguments.Database is null)
        {
            environment["PGDATABASE"] = _server.HasMaintenanceDatabase ? "postgres" : _server.Database;
        }

        var command = new ToolCommand(
            client["psql"],
            [
                "--no-psqlrc",
                "--quiet",
                "--echo-errors",
                "--set=VERBOSITY=verbose",
                "--output=/dev/null",
                "--file=-",
                .. _connection.Arguments,
                .. _arguments.Psql,
            ],
            environment
        );
        _log.ToolStarted(_redactor.Redact(command.ToString()));
        var psql = ToolProcess.Start(command, TakeErrorLine);
        _ = psql.Output.CopyToAsync(Stream.Null, CancellationToken.None);
        return psql;
    }

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

    private void TakeErrorLine(string line)
    {
        _errors.Add(line);
        if (_errors.RowsWereReadAsSql)
        {
            Kill();
        }
    }

    private async Task ConvertAsync(ToolProcess archive, ToolProcess psql, CancellationToken cancellationToken)
    {
        PipeSize.Grow(archive.Output);
        try
        {
            await archive.Output.CopyToAsync(psql.Input, cancellationToken);
        }
        catch (IOException)
        {
            // psql has ended. Without a reader pg_restore would wait for ever; it is not the one that failed.
            _psqlEndedFirst = true;
            archive.Kill();
            return;
        }

        // Only a script that is known to be whole may end: psql would commit what it has of a broken one.
        if (await archive.WaitAsync(cancellationToken) == 0)
        {
            psql.Input.Close();
        }
        else
        {
            psql.Kill();
        }
    }

    private async Task<RestoreOutcome> JudgeAsync(CancellationToken cancellationToken)
    {
        await Settle(_converting);
        if (
            _pgRestore is not null
            && !_psqlEndedFirst
            && await _pgRestore.WaitAsync(cancellationToken) is var archiveStatus and not 0
            && !_errors.RowsWereReadAsSql
        )
        {
            throw new ToolException(
                Failure.Describe(_pgRestore.Name, archiveStatus, _redactor.Redact(_archiveDiagnostics.ToString()))
            );
        }

        var status = _psql is null ? 0 : await _psql.WaitAsync(cancellationToken);
        _errors.End();
        if (_errors.SeriousCount > 0 && !_arguments.IgnoresErrors)
        {
            var stopped = _errors.RowsWereReadAsSql
                ? "the restore was stopped, because this psql takes the rows of a refused COPY for SQL; "
                : "";
            throw new ToolException($"{stopped}{_redactor.Redact(_errors.Summary())}");
        }

        if (status != 0)
        {
            throw new ToolException(Failure.Describe("psql", status, _redactor.Redact(_errors.Tail)));
        }

        return new(_errors.BenignCount, _errors.SeriousCount);
    }

    private void Kill()
    {
        _pgRestore?.Kill();
        _psql?.Kill();
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
