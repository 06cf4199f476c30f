using System.Globalization;
using Granary.Engine.Records.Json;

namespace Granary.Engine.Records;

/// <summary>A stored time: its text is kept as it was read, because rewriting a snapshot must not change it.</summary>
/// <remarks>
/// .NET counts in 100 ns and the format in 1 ns, so the last two digits are kept beside the
/// <see cref="DateTimeOffset"/>. The offset is data: retention cuts days by it. Source: repository format §4.5, §24.2.
/// </remarks>
public readonly record struct Timestamp : IComparable<Timestamp>
{
    private readonly string? _text;
    private readonly byte _subTick;

    private Timestamp(DateTimeOffset value, byte subTick, string text)
    {
        Value = value;
        _subTick = subTick;
        _text = text;
    }

    /// <summary>The time with its own offset, cut to 100 ns.</summary>
    public DateTimeOffset Value { get; }

    /// <summary>Nanoseconds beyond <see cref="Value"/>, 0 to 99.</summary>
    public int SubTickNanoseconds => _subTick;

    /// <summary>The text as stored.</summary>
    public string Text => _text ?? "0001-01-01T00:00:00Z";

    /// <summary>Makes a stored time: up to seven fraction digits, trailing zeros cut, <c>Z</c> for UTC.</summary>
    public static Timestamp From(DateTimeOffset value)
    {
        var text = value.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
        var offset = value.Offset == TimeSpan.Zero ? "Z" : value.ToString("zzz", CultureInfo.InvariantCulture);
        return new Timestamp(value, 0, text + offset);
    }

    /// <summary>Reads a member of an object; a missing one is zero.</summary>
    internal static Timestamp Read(JsonFields fields, string name) =>
        fields.Text(name) is var text && text.Length == 0 ? default
        : TryParse(text, out var time) ? time
        : throw JsonFields.Wrong(name);

    /// <summary>Reads RFC 3339 with up to nine fraction digits.</summary>
    public static bool TryParse(string text, out Timestamp timestamp)
    {
        timestamp = default;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var end = dot < 0 ? -1 : text.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9') + dot + 1;
        if (dot >= 0 && (end <= dot + 1 || end - dot - 1 > 9))
        {
            return false;
        }

        var seconds = dot < 0 ? text : string.Concat(text.AsSpan(0, dot), text.AsSpan(end));
        if (
            !DateTimeOffset.TryParseExact(
                seconds,
                "yyyy-MM-ddTHH:mm:ssK",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var value
            )
        )
        {
            return false;
        }

        var nanoseconds =
            dot < 0
                ? 0
                : int.Parse(
                    text.AsSpan(dot + 1, end - dot - 1).ToString().PadRight(9, '0'),
                    CultureInfo.InvariantCulture
                );
        timestamp = new Timestamp(value.AddTicks(nanoseconds / 100), (byte)(nanoseconds % 100), text);
        return true;
    }

    /// <summary>Orders by instant, nanoseconds included; the offset plays no part.</summary>
    public int CompareTo(Timestamp other)
    {
        var byTicks = Value.UtcTicks.CompareTo(other.Value.UtcTicks);
        return byTicks != 0 ? byTicks : _subTick.CompareTo(other._subTick);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Whether <paramref name="left"/> is the earlier instant.</summary>
    public static bool operator <(Timestamp left, Timestamp right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> is the later instant.</summary>
    public static bool operator >(Timestamp left, Timestamp right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> is not the later instant.</summary>
    public static bool operator <=(Timestamp left, Timestamp right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> is not the earlier instant.</summary>
    public static bool operator >=(Timestamp left, Timestamp right) => left.CompareTo(right) >= 0;
}
