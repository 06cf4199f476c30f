using System.Text.Json;
using Granary.Engine.Ids;

namespace Granary.Engine.Records.Json;

/// <summary>Reads JSON token by token from a stream, so that a document of any length needs one small buffer.</summary>
/// <remarks>
/// For index files and trees. Unknown members can be skipped; <c>null</c> reads as zero. Source: repository format
/// §4.1.
/// </remarks>
internal sealed class JsonTokens(Stream source)
{
    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private bool _atEnd;
    private JsonReaderState _state;
    private int _tokenStart;
    private int _tokenLength;

    public JsonTokenType Type { get; private set; }

    /// <summary>Goes to the next token; false at the end of the document.</summary>
    /// <exception cref="JsonException">The text is not JSON, or ends too early.</exception>
    public bool Read()
    {
        while (true)
        {
            if (_atEnd && _start == _end && Type == JsonTokenType.None)
            {
                return false;
            }

            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _atEnd, _state);
            if (reader.Read())
            {
                Type = reader.TokenType;
                _tokenStart = _start + (int)reader.TokenStartIndex;
                _tokenLength = (int)(reader.BytesConsumed - reader.TokenStartIndex);
                _state = reader.CurrentState;
                _start += (int)reader.BytesConsumed;
                return true;
            }

            if (_atEnd)
            {
                return false;
            }

            _state = reader.CurrentState;
            _start += (int)reader.BytesConsumed;
            Fill();
        }
    }

    /// <summary>Goes to the next token, which must be there.</summary>
    public JsonTokenType Next() => Read() ? Type : throw new JsonException("The document ends too early.");

    /// <summary>Whether the current token is the name of a member, and this one.</summary>
    public bool IsMember(ReadOnlySpan<byte> name) =>
        Type == JsonTokenType.PropertyName && Reader().ValueTextEquals(name);

    /// <summary>Skips the value that follows a member's name.</summary>
    public void SkipValue()
    {
        var depth = 0;
        do
        {
            depth += Next() switch
            {
                JsonTokenType.StartObject or JsonTokenType.StartArray => 1,
                JsonTokenType.EndObject or JsonTokenType.EndArray => -1,
                _ => 0,
            };
        } while (depth > 0);
    }

    /// <summary>The next token as text; null for <c>null</c>.</summary>
    public string? NextText() => Next() == JsonTokenType.Null ? null : Reader().GetString();

    /// <summary>The next token as a number; zero for <c>null</c>.</summary>
    public ulong NextNumber() =>
        Next() == JsonTokenType.Null ? 0
        : Type == JsonTokenType.Number && Reader().TryGetUInt64(out var value) ? value
        : throw new JsonException("A number is expected.");

    /// <summary>The next token as an id.</summary>
    public Sha256Id NextId()
    {
        Next();
        return Id();
    }

    /// <summary>The current token as an id.</summary>
    public Sha256Id Id() =>
        Type == JsonTokenType.String && Sha256Id.TryParse(Reader().ValueSpan, out var id)
            ? id
            : throw new JsonException("An id is expected.");

    public void Expect(JsonTokenType type)
    {
        if (Type != type)
        {
            throw new JsonException($"{type} is expected, {Type} found.");
        }
    }

    // The token alone, without its surroundings, is a document of its own, except that a name would need its value.
    private Utf8JsonReader Reader()
    {
        var length =
            Type == JsonTokenType.PropertyName
                ? _buffer.AsSpan(_tokenStart, _tokenLength).LastIndexOf((byte)'"') + 1
                : _tokenLength;
        var reader = new Utf8JsonReader(_buffer.AsSpan(_tokenStart, length));
        reader.Read();
        return reader;
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var count = source.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        _atEnd = count == 0;
    }
}
