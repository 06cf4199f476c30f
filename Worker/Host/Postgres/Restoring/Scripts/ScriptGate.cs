using System.Buffers;
using System.Text;

namespace Granary.Worker.Postgres.Restoring.Scripts;

/// <summary>What became of a piece of a script.</summary>
/// <param name="Taken">How many of its bytes were taken.</param>
/// <param name="PassesAsItIs">
/// Whether those bytes pass unchanged, and were not written to the output: rows of a COPY.
/// </param>
/// <param name="Connect">The database that the script goes on in; null while it stays in the same one.</param>
internal readonly record struct GateStep(int Taken, bool PassesAsItIs, string? Connect);

/// <summary>
/// Reads a dump's script on its way to psql: finds where it changes the database, takes out what would change the role
/// that restores, and knows which lines are rows.
/// </summary>
/// <remarks>
/// psql runs every part in its restricted mode, in which it obeys no command of its own. So a script that this reader
/// takes for something else than psql does can at worst be refused. Taken out are
/// <list type="bullet">
/// <item><c>\connect</c> with a database's name: the caller starts the next psql there;</item>
/// <item>
/// pg_dump's own <c>\restrict</c> and <c>\unrestrict</c>, as the restricted mode is ours, and the <c>\encoding</c> that
/// it writes before a <c>\connect</c> to a name with other characters;
/// </item>
/// <item>
/// <c>ALTER ROLE</c> of the role that restores: it would replace the server's password for it by the old server's, or
/// leave a setting on it that governs the restore.
/// </item>
/// </list>
/// Lines keep their numbers. Nothing is held but a line that may have to go and a few words of the statement.
/// </remarks>
/// <param name="connectedUser">The role that restores.</param>
internal sealed class ScriptGate(string connectedUser)
{
    /// <summary>No line that has to go is longer; one that is passes.</summary>
    private const int LongestHeld = 64 * 1024;

    private readonly SqlScanner _sql = new();
    private readonly CopyLines _copies = new();
    private readonly ArrayBufferWriter<byte> _line = new();
    private RowsEnd _rowsEnd;
    private bool _isInRows;
    private bool _isDropping;
    private bool _isAtLineStart = true;

    /// <summary>How many lines were read whole.</summary>
    public long Lines { get; private set; }

    /// <summary>Whether a statement that rows follow ends on this line. Safe from any thread.</summary>
    /// <param name="line">The line, from 1.</param>
    public bool IsCopyStatement(long line) => _copies.Contains(line);

    /// <summary>Takes a piece from the start of <paramref name="part"/>, at least one byte of it.</summary>
    /// <param name="part">The next part of the script; not empty.</param>
    /// <param name="output">Gets what passes, unless the piece passes as it is.</param>
    public GateStep Take(ReadOnlySpan<byte> part, IBufferWriter<byte> output)
    {
        if (_isInRows)
        {
            return TakeRows(part);
        }

        if (_line.WrittenCount > 0 || (_isAtLineStart && _sql.IsBetweenStatements && MayHaveToGo(part[0])))
        {
            return TakeHeldLine(part, output);
        }

        return new GateStep(Scan(part, output), PassesAsItIs: false, Connect: null);
    }

    /// <summary>Writes what is left of a last line without an end.</summary>
    public void End(IBufferWriter<byte> output)
    {
        if (_line.WrittenCount > 0)
        {
            Release(output);
        }
    }

    private static bool IsOfTheSession(ReadOnlySpan<byte> line) =>
        line.StartsWith("\\restrict "u8) || line.StartsWith("\\unrestrict "u8) || line.StartsWith("\\encoding "u8);

    private static bool MayHaveToGo(byte first) => first is (byte)'\\' or (byte)'A';

    private GateStep TakeRows(ReadOnlySpan<byte> part)
    {
        var taken = _rowsEnd.Take(part, out var isOver);
        Lines += part[..taken].Count((byte)'\n');
        if (isOver)
        {
            _isInRows = false;
            _isAtLineStart = true;
        }

        return new GateStep(taken, PassesAsItIs: true, Connect: null);
    }

    private GateStep TakeHeldLine(ReadOnlySpan<byte> part, IBufferWriter<byte> output)
    {
        var end = part.IndexOf((byte)'\n');
        var piece = end < 0 ? part : part[..(end + 1)];
        _line.Write(piece);
        if (end < 0 && _line.WrittenCount <= LongestHeld)
        {
            return new GateStep(piece.Length, PassesAsItIs: false, Connect: null);
        }

        return Release(output) with
        {
            Taken = piece.Length,
        };
    }

    private GateStep Release(IBufferWriter<byte> output)
    {
        var line = _line.WrittenSpan;
        string? connect = null;
        if (line.StartsWith("\\connect "u8) && ConnectLine.DatabaseOf(Encoding.UTF8.GetString(line)) is { } database)
        {
            connect = database;
            _sql.Reset();
            EndLine();
        }
        else if (IsOfTheSession(line))
        {
            output.Write("\n"u8);
            EndLine();
        }
        else
        {
            _isDropping =
                line.StartsWith("ALTER ROLE "u8) && OwnRole.IsChangedBy(Encoding.UTF8.GetString(line), connectedUser);
            ScanAll(line, output);
        }

        _line.ResetWrittenCount();
        return new GateStep(0, PassesAsItIs: false, connect);
    }

    private void ScanAll(ReadOnlySpan<byte> part, IBufferWriter<byte> output)
    {
        while (!part.IsEmpty)
        {
            part = part[Scan(part, output)..];
        }
    }

    /// <summary>Scans to the end of a line at which a decision is due, or to the end.</summary>
    private int Scan(ReadOnlySpan<byte> part, IBufferWriter<byte> output)
    {
        var taken = 0;
        while (taken < part.Length)
        {
            var piece = part[taken..];
            var length = _sql.Take(piece, out var seen);
            piece = piece[..length];
            taken += length;
            Write(piece, output);
            if (seen.HasFlag(Seen.LineEnd))
            {
                EndLine();
            }

            if (seen.HasFlag(Seen.StatementEnd))
            {
                _isDropping = false;
                if (seen.HasFlag(Seen.RowsFollow))
                {
                    _copies.Add(Lines + 1);
                }
            }

            if (seen.HasFlag(Seen.LineEnd) && _sql.RowsAreNext)
            {
                _sql.Reset(keepsSettings: true);
                _isInRows = true;
                _rowsEnd = RowsEnd.AtRowStart;
                break;
            }

            if (_isAtLineStart && _sql.IsBetweenStatements && taken < part.Length && MayHaveToGo(part[taken]))
            {
                break;
            }

            if (_isAtLineStart && !seen.HasFlag(Seen.LineEnd))
            {
                _isAtLineStart = false;
            }
        }

        return taken;
    }

    private void Write(ReadOnlySpan<byte> piece, IBufferWriter<byte> output)
    {
        if (!_isDropping)
        {
            output.Write(piece);
        }
        else if (piece.Contains((byte)'\n'))
        {
            output.Write("\n"u8);
        }
    }

    private void EndLine()
    {
        Lines++;
        _isAtLineStart = true;
    }
}
