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
/// <param name="onError">Told of each error that is kept, at once.</param>
internal sealed partial class SqlErrorLog(Action<SqlError>? onError = null)
{
    private const int KeptErrors = 10;
    private const int StatementLength = 300;

    private readonly TextTail _tail = new();
    private readonly List<SqlError> _serious = [];
    private readonly StringBuilder _statement = new();
    private (long Line, string SqlState, string Message)? _reported;
    private (long Line, string SqlState, string Message)? _failed;
    private bool _insideCopy;
    private bool _failedInsideCopy;
    private long _failedStatementLine;

    /// <summary>Errors that fail the restore.</summary>
    public long SeriousCount { get; private set; }

    /// <summary>Errors that a sound dump raises as well.</summary>
    public long BenignCount { get; private set; }

    /// <summary>The first of the serious errors.</summary>
    public IReadOnlyList<SqlError> Serious => _serious;

    /// <summary>Whether a COPY was refused in a way that made psql take its rows for SQL (psql before 2025).</summary>
    /// <remarks>Whoever sees this should stop psql: rows are data, and data must not be run.</remarks>
    public bool RowsWereReadAsSql { get; private set; }

    /// <summary>The last messages, without details and statements, which may hold data.</summary>
    public string Tail => _tail.ToString();

    /// <summary>Takes the next line.</summary>
    public void Add(string line)
    {
        if (Report().Match(line) is { Success: true } report)
        {
            EndStatement();
            _tail.Add($"{report.Groups["message"].Value} ({report.Groups["state"].Value})");
            _reported = (Number(report), report.Groups["state"].Value, report.Groups["message"].Value);
            _insideCopy = false;
        }
        else if (StatementLine().Match(line) is { Success: true } statement)
        {
            EndStatement();
            _failed = _reported;
            _failedInsideCopy = _insideCopy;
            _failedStatementLine = Number(statement);
            _reported = null;
            Append(statement.Groups["text"].Value);
        }
        else if (OwnError().Match(line) is { Success: true } own)
        {
            EndStatement();
            _reported = null;
            _tail.Add(own.Groups["message"].Value);
            Count(new SqlError(Number(own), "", own.Groups["message"].Value, ""));
        }
        else if (_failed is not null)
        {
            Append(line);
        }
        else if (line.StartsWith("CONTEXT:  COPY ", StringComparison.Ordinal))
        {
            _insideCopy = true;
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
        return (SeriousCount > _serious.Count ? text.Append("; …") : text).ToString();
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

        // A psql that knows better reads past the rows first and then names a later line in STATEMENT.
        if (!_failedInsideCopy && _failedStatementLine == failed.Line && CopyFromInput().IsMatch(error.Statement))
        {
            RowsWereReadAsSql = true;
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

    private static long Number(Match match) => long.Parse(match.Groups["line"].ValueSpan, CultureInfo.InvariantCulture);

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

    [GeneratedRegex(@"^COPY .* FROM stdin\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex CopyFromInput();
}
