using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Granary.Worker.Streams;

namespace Granary.Worker.Postgres.Restoring;

/// <summary>
/// Reads what psql writes to its diagnostics while a script runs, and keeps the errors within bounds.
/// </summary>
/// <remarks>
/// psql runs with VERBOSITY=verbose and --echo-errors, so one error is
/// <code>
/// psql:&lt;stdin&gt;:12: ERROR:  23505: duplicate key value violates unique constraint "t_pkey"
/// DETAIL:  …
/// CONTEXT:  COPY t, line 2
/// LOCATION:  …
/// psql:&lt;stdin&gt;:12: STATEMENT:  COPY t (id) FROM stdin;
/// </code>
/// and only errors are followed by a STATEMENT, whatever the server's language calls their severity. Lines come from
/// one reader, in order.
/// </remarks>
/// <param name="isCopyStatement">
/// Whether a statement that rows follow ends on a line of the script. An error of such a statement that psql reports on
/// another line came with its rows.
/// </param>
/// <param name="onError">Gets each error that is kept, at once.</param>
internal sealed partial class SqlErrorLog(Func<long, bool> isCopyStatement, Action<SqlError>? onError = null)
{
    private const int KeptErrors = 10;
    private const int KeptTables = 50;
    private const int StatementLength = 300;

    /// <summary>How psql's answers begin to a command of its own in its restricted mode.</summary>
    private static readonly string[] RestrictedWords = ["backslash commands are restricted", @"\unrestrict: "];

    private readonly TextTail _tail = new();
    private readonly List<SqlError> _serious = [];
    private readonly List<string> _tables = [];
    private readonly StringBuilder _statement = new();
    private (long Line, string SqlState, string Message)? _reported;
    private (long Line, string SqlState, string Message)? _failed;
    private long _failedStatementLine;
    private long _linesBefore;
    private long _tableCount;

    /// <summary>Errors that fail the restore.</summary>
    public long SeriousCount { get; private set; }

    /// <summary>Errors that a sound dump raises as well.</summary>
    public long BenignCount { get; private set; }

    /// <summary>The first of the serious errors.</summary>
    public IReadOnlyList<SqlError> Serious => _serious;

    /// <summary>Whether a COPY was refused in a way that made psql take its rows for SQL (psql before 2025).</summary>
    /// <remarks>Rows are data, and data must not be run.</remarks>
    public bool RowsWereReadAsSql { get; private set; }

    /// <summary>The line at which psql was given a command of its own, which it refused; null without one.</summary>
    public long? CommandLine { get; private set; }

    /// <summary>Whether psql has to be stopped at once.</summary>
    public bool MustStop => RowsWereReadAsSql || CommandLine is not null;

    /// <summary>Why psql was stopped; null when it was not.</summary>
    public string? StopReason =>
        CommandLine is { } line
            ? $"the restore was stopped at line {line}: the dump holds a command for psql itself there, and a restore "
                + "runs none"
        : RowsWereReadAsSql ? "the restore was stopped, because this psql takes the rows of a refused COPY for SQL"
        : null;

    /// <summary>The last messages, without details and statements, which may hold data.</summary>
    public string Tail => _tail.ToString();

    /// <summary>Says that another psql goes on with the script.</summary>
    /// <param name="firstLine">The line of the script that is the first for this psql.</param>
    public void Begin(long firstLine) => _linesBefore = firstLine - 1;

    /// <summary>Takes the next line.</summary>
    public void Add(string line)
    {
        if (Report().Match(line) is { Success: true } report)
        {
            EndStatement();
            _tail.Add($"{report.Groups["message"].Value} ({report.Groups["state"].Value})");
            _reported = (Number(report), report.Groups["state"].Value, report.Groups["message"].Value);
        }
        else if (StatementLine().Match(line) is { Success: true } statement)
        {
            EndStatement();
            _failed = _reported;
            _failedStatementLine = Number(statement);
            _reported = null;
            Append(statement.Groups["text"].Value);
        }
        else if (OwnError().Match(line) is { Success: true } own)
        {
            EndStatement();
            _reported = null;
            _tail.Add(own.Groups["message"].Value);
            if (
                Array.Exists(RestrictedWords, words =>
                    own.Groups["message"].Value.StartsWith(words, StringComparison.Ordinal)
                )
            )
            {
                CommandLine ??= Number(own);
                return;
            }

            Count(new SqlError(Number(own), "", own.Groups["message"].Value, ""));
        }
        else if (_failed is not null)
        {
            Append(line);
        }
        else if (_reported is null)
        {
            _tail.Add(line);
        }
    }

    /// <summary>Says that no further line comes.</summary>
    public void End() => EndStatement();

    /// <summary>The first errors and how many there were, for people.</summary>
    public string Summary()
    {
        var text = new StringBuilder($"{SeriousCount} SQL error{(SeriousCount == 1 ? "" : "s")}: ");
        text.AppendJoin("; ", _serious.Select(error => error.Describe()));
        if (SeriousCount > _serious.Count)
        {
            text.Append("; …");
        }

        if (_tableCount > 0)
        {
            text.Append("; without their rows: ").AppendJoin(", ", _tables);
            text.Append(_tableCount > _tables.Count ? $" and {_tableCount - _tables.Count} more tables" : "");
        }

        return text.ToString();
    }

    private void EndStatement()
    {
        if (_failed is not { } failed)
        {
            return;
        }

        _failed = null;
        var error = new SqlError(failed.Line, failed.SqlState, failed.Message, _statement.ToString());
        _statement.Clear();

        // A refused COPY is reported on its own line, an error of its rows on a later one. A psql that knows better
        // reads past the rows of a refused one, and then names a later line in STATEMENT.
        if (CopyFromInput().Match(error.Statement) is { Success: true } copy)
        {
            RowsWereReadAsSql |= _failedStatementLine == failed.Line && isCopyStatement(failed.Line);
            if (_tableCount++ < KeptTables)
            {
                _tables.Add(copy.Groups["table"].Value);
            }
        }

        Count(error);
    }

    private void Count(SqlError error)
    {
        if (BenignErrors.Covers(error))
        {
            BenignCount++;
            return;
        }

        SeriousCount++;
        if (_serious.Count < KeptErrors)
        {
            _serious.Add(error);
            onError?.Invoke(error);
        }
    }

    private void Append(string text)
    {
        if (_statement.Length > 0)
        {
            _statement.Append(' ');
        }

        var trimmed = text.AsSpan().Trim();
        _statement.Append(trimmed[..Math.Min(trimmed.Length, Math.Max(0, StatementLength - _statement.Length))]);
    }

    private long Number(Match match) =>
        _linesBefore + long.Parse(match.Groups["line"].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^psql:<stdin>:(?<line>\d+): [^:]+:  (?<state>[0-9A-Z]{5}): (?<message>.*)$",
        RegexOptions.CultureInvariant,
        1000
    )]
    private static partial Regex Report();

    [GeneratedRegex(@"^psql:<stdin>:(?<line>\d+): STATEMENT:  (?<text>.*)$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex StatementLine();

    [GeneratedRegex(@"^psql:<stdin>:(?<line>\d+): error: (?<message>.*)$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OwnError();

    // Of a long list of columns only the start is kept, so FROM may be missing; COPY TO fails in no dump.
    [GeneratedRegex(
        @"^COPY (?<table>(""([^""]|"""")+""|[^\s(""]+)+)",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex CopyFromInput();
}
