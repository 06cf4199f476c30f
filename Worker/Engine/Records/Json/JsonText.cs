using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Granary.Engine.Ids;

namespace Granary.Engine.Records.Json;

/// <summary>
/// Writes JSON exactly as the format's reference writer does, since trees are named by the hash of their bytes.
/// </summary>
/// <remarks>
/// No white space, members in the order they are written. Source: repository format §4.2; System.Text.Json escapes
/// differently.
/// </remarks>
internal sealed class JsonText(IBufferWriter<byte> output)
{
    private bool _needsComma;

    public JsonText Open(char bracket)
    {
        Separate();
        Put((byte)bracket);
        _needsComma = false;
        return this;
    }

    public JsonText Close(char bracket)
    {
        Put((byte)bracket);
        _needsComma = true;
        return this;
    }

    public JsonText Member(ReadOnlySpan<byte> name)
    {
        Separate();
        Put((byte)'"');
        output.Write(name);
        output.Write("\":"u8);
        _needsComma = false;
        return this;
    }

    public JsonText Text(string value) => Text(Encoding.UTF8.GetBytes(value));

    /// <summary>A string of bytes that should be UTF-8; those that are not become U+FFFD.</summary>
    public JsonText Text(ReadOnlySpan<byte> utf8)
    {
        Separate();
        Put((byte)'"');
        while (!utf8.IsEmpty)
        {
            var plain = utf8.IndexOfAnyExcept(PlainBytes);
            plain = plain < 0 ? utf8.Length : plain;
            output.Write(utf8[..plain]);
            utf8 = utf8[plain..];
            if (!utf8.IsEmpty)
            {
                utf8 = utf8[Escape(utf8)..];
            }
        }

        Put((byte)'"');
        _needsComma = true;
        return this;
    }

    public JsonText Number(ulong value)
    {
        Separate();
        var span = output.GetSpan(20);
        Utf8Formatter.TryFormat(value, span, out var written);
        output.Advance(written);
        _needsComma = true;
        return this;
    }

    public JsonText Number(long value) => Number(checked((ulong)value));

    public JsonText Boolean(bool value) => Raw(value ? "true"u8 : "false"u8);

    public JsonText Null() => Raw("null"u8);

    public JsonText Id(Sha256Id id)
    {
        Separate();
        var span = output.GetSpan(66);
        span[0] = (byte)'"';
        id.FormatTo(span[1..65]);
        span[65] = (byte)'"';
        output.Advance(66);
        _needsComma = true;
        return this;
    }

    public JsonText Base64(ReadOnlySpan<byte> value) => Text(Convert.ToBase64String(value));

    /// <summary>A member that is left out when empty.</summary>
    public void OptionalText(ReadOnlySpan<byte> name, string value)
    {
        if (value.Length > 0)
        {
            Member(name).Text(value);
        }
    }

    /// <summary>A member that is left out when zero.</summary>
    public void OptionalNumber(ReadOnlySpan<byte> name, ulong value)
    {
        if (value != 0)
        {
            Member(name).Number(value);
        }
    }

    /// <summary>A list that is left out when empty.</summary>
    public void OptionalTexts(ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            Texts(name, values);
        }
    }

    public void Texts(ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        Member(name).Open('[');
        foreach (var value in values)
        {
            Text(value);
        }

        Close(']');
    }

    public void EndOfLine() => Put((byte)'\n');

    private static readonly SearchValues<byte> PlainBytes = SearchValues.Create([
        .. Enumerable.Range(0x20, 0x60).Select(value => (byte)value).Except("\"\\<>&"u8.ToArray()),
    ]);

    private JsonText Raw(ReadOnlySpan<byte> value)
    {
        Separate();
        output.Write(value);
        _needsComma = true;
        return this;
    }

    private void Separate()
    {
        if (_needsComma)
        {
            Put((byte)',');
        }
    }

    private void Put(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    // Writes the character at the start, which is not plain, and returns how many bytes it took.
    private int Escape(ReadOnlySpan<byte> utf8)
    {
        if (Rune.DecodeFromUtf8(utf8, out var rune, out var length) != OperationStatus.Done)
        {
            // One escape for each byte, not for each ill-formed sequence.
            output.Write("\\ufffd"u8);
            return 1;
        }

        switch (rune.Value)
        {
            case '"' or '\\':
                Put((byte)'\\');
                Put((byte)rune.Value);
                break;
            case '\n' or '\r' or '\t' or '\b' or '\f':
                Put((byte)'\\');
                Put(
                    rune.Value switch
                    {
                        '\n' => (byte)'n',
                        '\r' => (byte)'r',
                        '\t' => (byte)'t',
                        '\b' => (byte)'b',
                        _ => (byte)'f',
                    }
                );
                break;
            case < 0x20 or '<' or '>' or '&' or 0x2028 or 0x2029:
                output.Write(Encoding.ASCII.GetBytes($"\\u{rune.Value:x4}"));
                break;
            default:
                output.Write(utf8[..length]);
                break;
        }

        return length;
    }
}
