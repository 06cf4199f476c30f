using System.Buffers;
using System.Globalization;
using System.Text;

namespace Granary.Engine.Records;

/// <summary>Quotes and unquotes the names of nodes, which are bytes and need not be UTF-8.</summary>
/// <remarks>As in a Go string literal without its outer quotes. Source: repository format §4.3.</remarks>
internal static class NodeName
{
    private const string Simple = "a\ab\bf\fn\nr\rt\tv\v\\\\\"\"''";

    /// <summary>The quoted form: printable text only.</summary>
    public static string Quote(ReadOnlySpan<byte> name)
    {
        var quoted = new StringBuilder(name.Length);
        while (!name.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(name, out var rune, out var length) != OperationStatus.Done)
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\x{name[0]:x2}");
                length = 1;
            }
            else
            {
                Append(quoted, rune);
            }

            name = name[length..];
        }

        return quoted.ToString();
    }

    /// <summary>The bytes of a quoted name.</summary>
    /// <exception cref="FormatException">An escape is unknown or incomplete.</exception>
    public static byte[] Unquote(string quoted)
    {
        if (!quoted.Contains('\\', StringComparison.Ordinal))
        {
            return Encoding.UTF8.GetBytes(quoted);
        }

        var bytes = new ArrayBufferWriter<byte>(quoted.Length);
        for (var i = 0; i < quoted.Length; )
        {
            if (quoted[i] != '\\')
            {
                var end = quoted.IndexOf('\\', i);
                end = end < 0 ? quoted.Length : end;
                Encoding.UTF8.GetBytes(quoted.AsSpan(i, end - i), bytes);
                i = end;
                continue;
            }

            i = UnquoteEscape(quoted, i + 1, bytes);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void Append(StringBuilder quoted, Rune rune)
    {
        switch (rune.Value)
        {
            case '"' or '\\':
                quoted.Append('\\').Append((char)rune.Value);
                break;
            case >= '\a' and <= '\r':
                quoted.Append('\\').Append("abtnvfr"[rune.Value - '\a']);
                break;
            case < 0x20 or 0x7f:
                quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                break;
            default:
                if (IsPrintable(rune))
                {
                    quoted.Append(rune.ToString());
                }
                else
                {
                    quoted.Append(rune.IsBmp ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}");
                }

                break;
        }
    }

    // Letters, marks, numbers, punctuation, symbols and the one space of ASCII.
    private static bool IsPrintable(Rune rune) =>
        rune.Value == ' '
        || Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control
            or UnicodeCategory.Format
            or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.SpaceSeparator
            or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator => false,
            _ => true,
        };

    private static int UnquoteEscape(string quoted, int at, ArrayBufferWriter<byte> bytes)
    {
        var kind = at < quoted.Length ? quoted[at] : throw Invalid(quoted);
        var simple = Simple.IndexOf(kind, StringComparison.Ordinal);
        if (simple >= 0 && simple % 2 == 0)
        {
            bytes.Write([(byte)Simple[simple + 1]]);
            return at + 1;
        }

        // A number names one byte (\x and octal) or one character (\u and \U).
        var (start, digits, radix) = kind switch
        {
            'x' => (at + 1, 2, 16),
            'u' => (at + 1, 4, 16),
            'U' => (at + 1, 8, 16),
            >= '0' and <= '7' => (at, 3, 8),
            _ => throw Invalid(quoted),
        };
        var value = Number(quoted, start, digits, radix);
        if (kind is 'u' or 'U')
        {
            Span<byte> utf8 = stackalloc byte[4];
            var rune = Rune.IsValid(value) ? new Rune(value) : throw Invalid(quoted);
            bytes.Write(utf8[..rune.EncodeToUtf8(utf8)]);
        }
        else
        {
            bytes.Write([value <= byte.MaxValue ? (byte)value : throw Invalid(quoted)]);
        }

        return start + digits;
    }

    private static int Number(string quoted, int start, int digits, int radix)
    {
        if (start + digits > quoted.Length)
        {
            throw Invalid(quoted);
        }

        long value = 0;
        foreach (var digit in quoted.AsSpan(start, digits))
        {
            var worth = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
            value = worth < radix ? (value * radix) + worth : throw Invalid(quoted);
        }

        return value <= int.MaxValue ? (int)value : throw Invalid(quoted);
    }

    private static FormatException Invalid(string quoted) =>
        new($"a node's name has an escape that is not known, at length {quoted.Length}");
}
