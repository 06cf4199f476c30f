using System.Text;
using System.Text.RegularExpressions;

namespace Granary.Worker.Postgres.Restoring.Scripts;

/// <summary>
/// The first and the last words of a statement outside of quotes and comments: enough to tell what kind it is.
/// </summary>
internal sealed partial class StatementWords
{
    private const int HeadLength = 48;
    private const int TailLength = 256;

    private readonly byte[] _head = new byte[HeadLength];
    private readonly byte[] _tail = new byte[TailLength];
    private int _headLength;
    private long _tailLength;

    /// <summary>Whether the statement has not begun.</summary>
    public bool IsEmpty => _headLength == 0;

    /// <summary>Whether it is a COPY from standard input.</summary>
    public bool AskForRows => CopyWord().IsMatch(Head) && FromInput().IsMatch(Tail());

    /// <summary>
    /// Whether it makes a backslash in plain quotes an escape (<c>standard_conforming_strings</c> off), or ends that;
    /// null when it does neither.
    /// </summary>
    public bool? TurnsEscapes =>
        EscapeSetting().Match(Head) is { Success: true } setting
            ? setting.Groups["value"].ValueSpan.Equals("off", StringComparison.OrdinalIgnoreCase)
            : null;

    private string Head => Encoding.Latin1.GetString(_head, 0, _headLength);

    /// <summary>Begins the next statement.</summary>
    public void Clear() => (_headLength, _tailLength) = (0, 0);

    /// <summary>Takes the next text.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        var words = IsEmpty ? text.TrimStart(" \t\r\n\f\v"u8) : text;
        if (words.IsEmpty)
        {
            return;
        }

        var room = Math.Min(words.Length, HeadLength - _headLength);
        words[..room].CopyTo(_head.AsSpan(_headLength));
        _headLength += room;

        // Only of a statement that may be a COPY does the end matter.
        if (_head[0] is not ((byte)'C' or (byte)'c'))
        {
            return;
        }

        foreach (var one in words[Math.Max(0, words.Length - TailLength)..])
        {
            _tail[_tailLength++ % TailLength] = one;
        }
    }

    /// <summary>Takes the last byte back: a dash or slash that proved to begin a comment.</summary>
    public void TakeBack()
    {
        _tailLength = Math.Max(0, _tailLength - 1);
        if (_headLength == 1)
        {
            _headLength = 0;
        }
    }

    private string Tail()
    {
        var length = (int)Math.Min(_tailLength, TailLength);
        var text = new char[length];
        for (var i = 0; i < length; i++)
        {
            text[i] = (char)_tail[(_tailLength - length + i) % TailLength];
        }

        return new string(text);
    }

    [GeneratedRegex(@"^COPY\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex CopyWord();

    [GeneratedRegex(@"\bFROM\s+stdin\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex FromInput();

    [GeneratedRegex(
        @"^SET\s+standard_conforming_strings\s*(=|TO)\s*'?(?<value>on|off)",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex EscapeSetting();
}
