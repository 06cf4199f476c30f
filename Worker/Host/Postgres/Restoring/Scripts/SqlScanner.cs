// Long: one state machine, whose states are read side by side.
using System.Buffers;

namespace Granary.Worker.Postgres.Restoring.Scripts;

/// <summary>What a scanned piece ended with.</summary>
[Flags]
internal enum Seen
{
    None = 0,

    /// <summary>A line ended.</summary>
    LineEnd = 1,

    /// <summary>A statement ended.</summary>
    StatementEnd = 2,

    /// <summary>The statement that ended is a COPY from standard input: rows begin with the next line.</summary>
    RowsFollow = 4,
}

/// <summary>
/// Follows SQL as psql's scanner does, as far as statements and lines go: quotes, dollar quotes, comments, semicolons.
/// Source: PostgreSQL's documentation, "Lexical Structure".
/// </summary>
internal sealed class SqlScanner
{
    private const int LongestTag = 128;

    private static readonly SearchValues<byte> Notable = SearchValues.Create("'\"$-*;\n"u8);
    private static readonly SearchValues<byte> QuoteOrBackslash = SearchValues.Create("'\\\n"u8);
    private static readonly SearchValues<byte> DoubleQuoteOrLine = SearchValues.Create("\"\n"u8);
    private static readonly SearchValues<byte> QuoteOrLine = SearchValues.Create("'\n"u8);
    private static readonly SearchValues<byte> CommentNotable = SearchValues.Create("*/\n"u8);
    private static readonly SearchValues<byte> DollarOrLine = SearchValues.Create("$\n"u8);

    private readonly ArrayBufferWriter<byte> _tag = new();
    private readonly StatementWords _words = new();
    private State _state;
    private int _tagMatched;
    private int _commentDepth;
    private byte _previous;
    private byte _beforePrevious;
    private bool _escapes;
    private bool _quotesEscape;

    private enum State
    {
        Sql,
        Quote,
        QuoteEnd,
        Identifier,
        IdentifierEnd,
        Tag,
        DollarQuote,
        LineComment,
        BlockComment,
    }

    /// <summary>Whether the text so far ends between two statements, outside of comments.</summary>
    public bool IsBetweenStatements => _state == State.Sql && _words.IsEmpty;

    /// <summary>Whether rows begin with the line that comes next.</summary>
    public bool RowsAreNext { get; private set; }

    /// <summary>Starts anew: in another session, or behind rows.</summary>
    /// <param name="keepsSettings">Whether it is the same session still.</param>
    public void Reset(bool keepsSettings = false)
    {
        _words.Clear();
        (_state, RowsAreNext) = (State.Sql, false);
        (_previous, _beforePrevious) = (0, 0);
        _quotesEscape &= keepsSettings;
    }

    /// <summary>Scans to the next end of a line or statement, or to the end of the part.</summary>
    /// <returns>How many bytes were scanned; at least one of a part that is not empty.</returns>
    public int Take(ReadOnlySpan<byte> part, out Seen seen)
    {
        seen = Seen.None;
        var taken = 0;
        while (taken < part.Length && seen == Seen.None)
        {
            taken += Step(part[taken..], ref seen);
        }

        return taken;
    }

    private int Step(ReadOnlySpan<byte> part, ref Seen seen) =>
        _state switch
        {
            State.Sql => InSql(part, ref seen),
            State.Quote => InQuote(part, ref seen),
            State.QuoteEnd => AfterQuote(part, (byte)'\'', State.Quote),
            State.Identifier => Until(part, DoubleQuoteOrLine, State.IdentifierEnd, ref seen),
            State.IdentifierEnd => AfterQuote(part, (byte)'"', State.Identifier),
            State.Tag => InTag(part),
            State.DollarQuote => InDollarQuote(part, ref seen),
            State.LineComment => InLineComment(part, ref seen),
            State.BlockComment => InBlockComment(part, ref seen),
            _ => throw new InvalidOperationException($"unknown state {_state}"),
        };

    private int InSql(ReadOnlySpan<byte> part, ref Seen seen)
    {
        var index = part.IndexOfAny(Notable);
        if (index < 0)
        {
            Note(part);
            return part.Length;
        }

        if (index > 0)
        {
            Note(part[..index]);
        }

        var found = part[index];
        var (previous, beforePrevious) = (_previous, _beforePrevious);
        switch (found)
        {
            case (byte)'\n':
                seen |= Seen.LineEnd;
                Remember(found);
                return index + 1;
            case (byte)';':
                EndStatement(ref seen);
                Remember(found);
                return index + 1;
            case (byte)'\'':
                _escapes = _quotesEscape || (previous is (byte)'E' or (byte)'e' && !IsOfName(beforePrevious));
                _state = State.Quote;
                break;
            case (byte)'"':
                _state = State.Identifier;
                break;
            case (byte)'$' when !IsOfName(previous):
                _tag.ResetWrittenCount();
                _tag.Write([found]);
                _state = State.Tag;
                break;
            case (byte)'-' when previous == (byte)'-':
                TakeBack();
                _state = State.LineComment;
                return index + 1;
            case (byte)'*' when previous == (byte)'/':
                TakeBack();
                _state = State.BlockComment;
                _commentDepth = 1;
                (_previous, _beforePrevious) = (0, 0);
                return index + 1;
            default:
                break;
        }

        Note(part.Slice(index, 1));
        return index + 1;
    }

    private int InQuote(ReadOnlySpan<byte> part, ref Seen seen)
    {
        if (_escapes && _previous == (byte)'\\')
        {
            _previous = 0;
            if (part[0] == (byte)'\n')
            {
                seen |= Seen.LineEnd;
            }

            return 1;
        }

        var index = part.IndexOfAny(_escapes ? QuoteOrBackslash : QuoteOrLine);
        if (index < 0)
        {
            _previous = 0;
            return part.Length;
        }

        switch (part[index])
        {
            case (byte)'\n':
                seen |= Seen.LineEnd;
                _previous = 0;
                break;
            case (byte)'\'':
                _state = State.QuoteEnd;
                break;
            default:
                _previous = part[index];
                break;
        }

        return index + 1;
    }

    /// <summary>A doubled quote is one of the text.</summary>
    private int AfterQuote(ReadOnlySpan<byte> part, byte quote, State inside)
    {
        if (part[0] == quote)
        {
            _state = inside;
            _previous = 0;
            return 1;
        }

        _state = State.Sql;
        (_previous, _beforePrevious) = (quote, 0);
        return 0;
    }

    private int Until(ReadOnlySpan<byte> part, SearchValues<byte> ends, State next, ref Seen seen)
    {
        var index = part.IndexOfAny(ends);
        if (index < 0)
        {
            return part.Length;
        }

        if (part[index] == (byte)'\n')
        {
            seen |= Seen.LineEnd;
        }
        else
        {
            _state = next;
        }

        return index + 1;
    }

    private int InTag(ReadOnlySpan<byte> part)
    {
        var one = part[0];
        if (one == (byte)'$')
        {
            _tag.Write([one]);
            _state = State.DollarQuote;
            _tagMatched = 0;
            return 1;
        }

        if (
            IsOfName(one)
            && _tag.WrittenCount < LongestTag
            && !(_tag.WrittenCount == 1 && char.IsAsciiDigit((char)one))
        )
        {
            _tag.Write([one]);
            return 1;
        }

        // No tag after all, as in $1.
        _state = State.Sql;
        (_previous, _beforePrevious) = (_tag.WrittenSpan[^1], (byte)'$');
        return 0;
    }

    private int InDollarQuote(ReadOnlySpan<byte> part, ref Seen seen)
    {
        if (_tagMatched == 0)
        {
            var index = part.IndexOfAny(DollarOrLine);
            if (index < 0)
            {
                return part.Length;
            }

            if (part[index] == (byte)'\n')
            {
                seen |= Seen.LineEnd;
            }
            else
            {
                _tagMatched = 1;
            }

            return index + 1;
        }

        var tag = _tag.WrittenSpan;
        var one = part[0];
        _tagMatched =
            one == tag[_tagMatched] ? _tagMatched + 1
            : one == (byte)'$' ? 1
            : 0;
        if (one == (byte)'\n')
        {
            seen |= Seen.LineEnd;
        }

        if (_tagMatched == tag.Length)
        {
            _state = State.Sql;
            (_previous, _beforePrevious) = ((byte)'$', 0);
        }

        return 1;
    }

    private int InLineComment(ReadOnlySpan<byte> part, ref Seen seen)
    {
        var index = part.IndexOf((byte)'\n');
        if (index < 0)
        {
            return part.Length;
        }

        _state = State.Sql;
        Remember((byte)'\n');
        seen |= Seen.LineEnd;
        return index + 1;
    }

    private int InBlockComment(ReadOnlySpan<byte> part, ref Seen seen)
    {
        var index = part.IndexOfAny(CommentNotable);
        if (index < 0)
        {
            _previous = 0;
            return part.Length;
        }

        var one = part[index];
        var previous = index > 0 ? part[index - 1] : _previous;
        _previous = one;
        if (one == (byte)'\n')
        {
            seen |= Seen.LineEnd;
        }
        else if (one == (byte)'*' && previous == (byte)'/')
        {
            _commentDepth++;
            _previous = 0;
        }
        else if (one == (byte)'/' && previous == (byte)'*')
        {
            _commentDepth--;
            _previous = 0;
            if (_commentDepth == 0)
            {
                _state = State.Sql;
                _beforePrevious = 0;
            }
        }

        return index + 1;
    }

    private void Note(ReadOnlySpan<byte> text)
    {
        _words.Add(text);
        _beforePrevious = text.Length > 1 ? text[^2] : _previous;
        _previous = text[^1];
    }

    private void TakeBack()
    {
        _words.TakeBack();
        (_previous, _beforePrevious) = (0, 0);
    }

    private void Remember(byte one) => (_beforePrevious, _previous) = (_previous, one);

    private void EndStatement(ref Seen seen)
    {
        seen |= Seen.StatementEnd;
        if (_words.AskForRows)
        {
            seen |= Seen.RowsFollow;
            RowsAreNext = true;
        }

        _quotesEscape = _words.TurnsEscapes ?? _quotesEscape;
        _words.Clear();
    }

    private static bool IsOfName(byte one) =>
        char.IsAsciiLetterOrDigit((char)one) || one is (byte)'_' or (byte)'$' or >= 0x80;
}
