using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Granary.Engine.Ids;

/// <summary>A SHA-256 hash as a 32-byte value, ordered as its hexadecimal digits are.</summary>
/// <remarks>
/// Kept as four big-endian words so that comparing ids compares numbers. Source: repository format §1.
/// </remarks>
public readonly struct Sha256Id : IEquatable<Sha256Id>, IComparable<Sha256Id>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Reads an id from 32 bytes.</summary>
    /// <exception cref="ArgumentException">There are fewer than 32 bytes.</exception>
    public Sha256Id(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Size)
        {
            throw new ArgumentException("An id has 32 bytes.", nameof(bytes));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The first eight bytes as a number: as good as random, since ids are hashes.</summary>
    internal ulong Prefix => _a;

    /// <summary>Whether every byte is zero, which no stored object has as its name.</summary>
    public bool IsZero => (_a | _b | _c | _d) == 0;

    /// <summary>Hashes bytes.</summary>
    public static Sha256Id Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Size];
        System.Security.Cryptography.SHA256.HashData(content, hash);
        return new Sha256Id(hash);
    }

    /// <summary>Reads 64 lower-case hexadecimal digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Sha256Id id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        id = default;
        if (
            text is not { Length: 2 * Size }
            || text.AsSpan().ContainsAnyInRange('A', 'F')
            || Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done
        )
        {
            return false;
        }

        id = new Sha256Id(bytes);
        return true;
    }

    /// <summary>Reads 64 hexadecimal digits in UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out Sha256Id id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        id = default;
        if (
            utf8.Length != 2 * Size
            || Convert.FromHexString(utf8, bytes, out _, out _) != System.Buffers.OperationStatus.Done
        )
        {
            return false;
        }

        id = new Sha256Id(bytes);
        return true;
    }

    /// <summary>Reads 64 lower-case hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is not an id.</exception>
    public static Sha256Id Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not an id of 64 hexadecimal digits.");

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>Writes the 64 digits in UTF-8.</summary>
    public void FormatTo(Span<byte> utf8)
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        Convert.TryToHexStringLower(bytes, utf8, out _);
    }

    /// <inheritdoc/>
    public bool Equals(Sha256Id other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Sha256Id other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _a.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(Sha256Id other)
    {
        var first = _a.CompareTo(other._a);
        first = first != 0 ? first : _b.CompareTo(other._b);
        first = first != 0 ? first : _c.CompareTo(other._c);
        return first != 0 ? first : _d.CompareTo(other._d);
    }

    /// <summary>The 64 lower-case digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>Compares for equality.</summary>
    public static bool operator ==(Sha256Id left, Sha256Id right) => left.Equals(right);

    /// <summary>Compares for inequality.</summary>
    public static bool operator !=(Sha256Id left, Sha256Id right) => !left.Equals(right);

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/>.</summary>
    public static bool operator <(Sha256Id left, Sha256Id right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/>.</summary>
    public static bool operator >(Sha256Id left, Sha256Id right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> does not sort after <paramref name="right"/>.</summary>
    public static bool operator <=(Sha256Id left, Sha256Id right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> does not sort before <paramref name="right"/>.</summary>
    public static bool operator >=(Sha256Id left, Sha256Id right) => left.CompareTo(right) >= 0;
}
