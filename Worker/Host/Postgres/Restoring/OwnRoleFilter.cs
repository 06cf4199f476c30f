using System.Buffers;
using System.Text;

namespace Granary.Worker.Postgres.Restoring;

/// <summary>Drops the lines of a cluster dump that would change the role which restores it.</summary>
/// <remarks>
/// pg_dumpall writes <c>ALTER ROLE postgres WITH SUPERUSER … PASSWORD '…';</c>. Run on another server it would replace
/// that server's own password by the old one, and so lock out everything that knows the new one. The roles stand at the
/// start of the dump, before the first <c>\connect</c>; from there on not a byte is looked at, so rows that happen to
/// read like such a line stay. A dropped line is replaced by an empty one, which keeps psql's line numbers those of the
/// dump.
/// </remarks>
internal sealed class OwnRoleFilter(string connectedUser)
{
    private const string Superuser = "postgres";

    /// <summary>No line of the roles is longer; one that is passes unread.</summary>
    private const int LongestLine = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _line = new();
    private bool _passing;

    /// <summary>Whether everything passes from here on.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Takes a part of the dump and writes what stays of it.</summary>
    public void Filter(ReadOnlySpan<byte> part, IBufferWriter<byte> output)
    {
        while (!part.IsEmpty)
        {
            if (IsDone)
            {
                output.Write(part);
                return;
            }

            var end = part.IndexOf((byte)'\n');
            var piece = end < 0 ? part : part[..(end + 1)];
            part = part[piece.Length..];
            TakePiece(piece, isEnd: end >= 0, output);
        }
    }

    /// <summary>Writes what is left of a last line without an end.</summary>
    public void End(IBufferWriter<byte> output) => Release(output);

    private void TakePiece(ReadOnlySpan<byte> piece, bool isEnd, IBufferWriter<byte> output)
    {
        if (_passing)
        {
            output.Write(piece);
            _passing = !isEnd;
            return;
        }

        _line.Write(piece);
        if (isEnd)
        {
            Release(output);
        }
        else if (_line.WrittenCount > LongestLine)
        {
            output.Write(_line.WrittenSpan);
            _line.ResetWrittenCount();
            _passing = true;
        }
    }

    private void Release(IBufferWriter<byte> output)
    {
        var line = _line.WrittenSpan;
        if (line.StartsWith("\\connect "u8))
        {
            IsDone = true;
        }

        if (line.StartsWith("ALTER ROLE "u8) && ChangesOwnRole(Encoding.UTF8.GetString(line)))
        {
            output.Write("\n"u8);
        }
        else
        {
            output.Write(line);
        }

        _line.ResetWrittenCount();
    }

    private bool ChangesOwnRole(string line)
    {
        var rest = line["ALTER ROLE ".Length..];
        return Is(rest, connectedUser)
            || (Is(rest, Superuser) && rest.Contains(" PASSWORD '", StringComparison.Ordinal));
    }

    /// <summary>
    /// Names are quoted only where SQL asks for it; either way an attribute list follows (not SET, RENAME …).
    /// </summary>
    private static bool Is(string rest, string role) =>
        rest.StartsWith($"{role} WITH ", StringComparison.Ordinal)
        || rest.StartsWith(
            $"\"{role.Replace("\"", "\"\"", StringComparison.Ordinal)}\" WITH ",
            StringComparison.Ordinal
        );
}
