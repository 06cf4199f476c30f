using System.Buffers;
using Granary.Worker.Postgres.Connecting;
using Granary.Worker.Postgres.Restoring.Scripts;
using Granary.Worker.Processes;
using Microsoft.Extensions.Logging;

namespace Granary.Worker.Postgres.Restoring;

/// <summary>A database that could not be restored into.</summary>
/// <param name="Database">Its name.</param>
/// <param name="Line">The line of the script from which on nothing was run.</param>
/// <param name="Reason">Why not.</param>
internal sealed record LostSection(string Database, long Line, string Reason);

/// <summary>
/// Runs a script against a server as it comes in. Each of its parts, from one <c>\connect</c> to the next, goes to a
/// psql of its own, which is connected to that database and in its restricted mode before it reads the first byte.
/// </summary>
/// <remarks>
/// psql goes on after an error of SQL. A part whose database cannot be reached is left out, and the next part goes on:
/// the restore fails at its end, and says what it left out.
/// </remarks>
internal sealed class ScriptRestore : IAsyncDisposable
{
    private const int StatusOfStopOnError = 3;
    private const int MostLost = 10;

    private readonly PostgresConnection _connection;
    private readonly ServerInfo _server;
    private readonly ClientVersion _client;
    private readonly RestoreArguments _arguments;
    private readonly Redactor _redactor;
    private readonly ILogger _log;

    private readonly ScriptGate _gate;
    private readonly SqlErrorLog _errors;
    private readonly ArrayBufferWriter<byte> _passing = new();
    private readonly List<LostSection> _lost = [];
    private readonly Lock _lock = new();
    private ToolProcess? _psql;
    private string _database = "";
    private long _firstLine = 1;
    private long _lostCount;
    private bool _isKilled;
    private bool _hasStopped;

    /// <summary>Prepares a restore; nothing is started.</summary>
    /// <param name="connection">The server.</param>
    /// <param name="server">What it said of itself.</param>
    /// <param name="client">Where psql is.</param>
    /// <param name="arguments">The user's arguments.</param>
    /// <param name="redactor">Takes secrets out of what psql says.</param>
    /// <param name="log">Gets errors as they come.</param>
    public ScriptRestore(
        PostgresConnection connection,
        ServerInfo server,
        ClientVersion client,
        RestoreArguments arguments,
        Redactor redactor,
        ILogger log
    )
    {
        _connection = connection;
        _server = server;
        _client = client;
        _arguments = arguments;
        _redactor = redactor;
        _log = log;
        _gate = new ScriptGate(connection.User);
        _errors = new SqlErrorLog(_gate.IsCopyStatement, error => log.SqlFailed(redactor.Redact(error.Describe())));
    }

    /// <summary>Starts with the first part.</summary>
    /// <param name="database">The database that it goes to.</param>
    /// <param name="cancellationToken">Stops the check of the client.</param>
    public async Task StartAsync(string database, CancellationToken cancellationToken)
    {
        await RestrictedMode.EnsureAsync(_client, cancellationToken);
        Open(database);
    }

    /// <summary>Takes the next bytes of the script.</summary>
    /// <exception cref="ToolException">psql was stopped, or stopped itself at an error as the user asked.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        while (!part.IsEmpty)
        {
            var step = _gate.Take(part.Span, _passing);
            if (step.PassesAsItIs)
            {
                await PassAsync(part[..step.Taken], cancellationToken);
            }

            await FlushAsync(cancellationToken);
            part = part[step.Taken..];
            if (step.Connect is { } database)
            {
                await CloseAsync(cancellationToken);
                _firstLine = _gate.Lines + 1;
                Open(database);
            }
        }
    }

    /// <summary>
    /// Says that the script has ended as it should, waits for psql, and judges what it reported.
    /// </summary>
    /// <exception cref="ToolException">The server refused a statement, or a part could not be restored.</exception>
    public async Task<RestoreOutcome> CompleteAsync(CancellationToken cancellationToken)
    {
        _gate.End(_passing);
        await FlushAsync(cancellationToken);
        await CloseAsync(cancellationToken);
        return Judge();
    }

    /// <summary>Ends psql at once; what it has not committed is rolled back.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            _isKilled = true;
            _psql?.Kill();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        if (_psql is not null)
        {
            await _psql.DisposeAsync();
        }
    }

    private void Open(string database)
    {
        _database = database;
        _errors.Begin(_firstLine);
        var environment = new Dictionary<string, string?>(_connection.Environment, StringComparer.Ordinal)
        {
            // As a variable the name is taken as it is; as an argument it might be read as a connection string.
            ["PGDATABASE"] = database,
        };
        var command = new ToolCommand(
            _client["psql"],
            [
                "--no-psqlrc",
                "--quiet",
                "--echo-errors",
                "--set=VERBOSITY=verbose",
                "--output=/dev/null",
                .. _connection.Arguments,
                .. _arguments.Psql,
                SessionSettings.Argument(_server.Major),
                RestrictedMode.Argument(),
                "--file=-",
            ],
            environment
        );
        _log.ToolStarted(_redactor.Redact($"{command.Program} for database {database}"));
        lock (_lock)
        {
            if (_isKilled)
            {
                throw new ToolException("the restore was stopped");
            }

            _psql = ToolProcess.Start(command, TakeErrorLine);
        }

        _ = _psql.Output.CopyToAsync(Stream.Null, CancellationToken.None);
    }

    private void TakeErrorLine(string line)
    {
        _errors.Add(line);
        if (_errors.MustStop)
        {
            Kill();
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_passing.WrittenCount > 0)
        {
            await PassAsync(_passing.WrittenMemory, cancellationToken);
            _passing.ResetWrittenCount();
        }
    }

    private async ValueTask PassAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        // A part whose psql has ended is left out.
        if (_psql is null)
        {
            return;
        }

        try
        {
            await _psql.Input.WriteAsync(part, cancellationToken);
        }
        catch (IOException)
        {
            // psql ended before it read everything; its status and words say why.
            cancellationToken.ThrowIfCancellationRequested();
            await EndAsync(cancellationToken);
        }
    }

    /// <summary>Ends the part that runs, and waits for its psql.</summary>
    private async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (_psql is null)
        {
            return;
        }

        _psql.CloseInput();
        await EndAsync(cancellationToken);
    }

    /// <summary>Waits for the psql that runs, and notes what became of its part.</summary>
    /// <exception cref="ToolException">Nothing may come after it.</exception>
    private async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_psql is not { } psql)
        {
            return;
        }

        var status = await psql.WaitAsync(cancellationToken);
        _errors.End();
        lock (_lock)
        {
            _psql = null;
        }

        await psql.DisposeAsync();
        _hasStopped = status == StatusOfStopOnError;
        if (_hasStopped || _errors.MustStop)
        {
            throw Failed();
        }

        if (status != 0 && _lostCount++ < MostLost)
        {
            var reason = Failure.Describe("psql", status, _redactor.Redact(_errors.Tail));
            _lost.Add(new LostSection(_database, _firstLine, reason));
            _log.SqlFailed(Describe(_lost[^1]));
        }
    }

    private RestoreOutcome Judge() =>
        _lostCount > 0 || (_errors.SeriousCount > 0 && !_arguments.IgnoresErrors)
            ? throw Failed()
            : new RestoreOutcome(_errors.BenignCount, _errors.SeriousCount);

    private ToolException Failed()
    {
        var parts = new List<string>();
        if (_errors.StopReason is { } reason)
        {
            parts.Add(reason);
        }

        if (_hasStopped)
        {
            parts.Add(
                $"the restore stopped at the first error, as ON_ERROR_STOP asks; database \"{_database}\" and "
                    + "those after it are not complete"
            );
        }

        if (_errors.SeriousCount > 0)
        {
            parts.Add(_redactor.Redact(_errors.Summary()));
        }

        parts.AddRange(_lost.Select(Describe));
        if (_lostCount > _lost.Count)
        {
            parts.Add($"{_lostCount - _lost.Count} more databases were not restored");
        }

        return new ToolException(string.Join("; ", parts));
    }

    private static string Describe(LostSection lost) =>
        $"database \"{lost.Database}\" was not restored, or not whole (from line {lost.Line} on): {lost.Reason}";
}
