namespace Granary.Storage;

/// <summary>A number of bytes that prints itself with a binary unit.</summary>
/// <param name="Bytes">The exact count.</param>
public readonly record struct ByteSize(long Bytes) : IComparable<ByteSize>
{
    private static readonly (long Unit, string Name)[] Units =
    [
        (1L << 40, "TiB"),
        (1L << 30, "GiB"),
        (1L << 20, "MiB"),
        (1L << 10, "KiB"),
    ];

    /// <summary>So many times 1024 bytes.</summary>
    public static ByteSize FromKibibytes(long count) => new(checked(count << 10));

    /// <summary>So many times 1024 × 1024 bytes.</summary>
    public static ByteSize FromMebibytes(long count) => new(checked(count << 20));

    /// <inheritdoc/>
    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    /// <summary>
    /// Three decimals and the largest unit that fits, as restic prints sizes: <c>3.408 MiB</c>, <c>512 B</c>.
    /// </summary>
    public override string ToString()
    {
        foreach (var (unit, name) in Units)
        {
            if (Bytes >= unit)
            {
                return $"{(double)Bytes / unit:F3} {name}";
            }
        }

        return $"{Bytes} B";
    }

    /// <summary>Whether the left side is fewer bytes.</summary>
    public static bool operator <(ByteSize left, ByteSize right) => left.Bytes < right.Bytes;

    /// <summary>Whether the left side is more bytes.</summary>
    public static bool operator >(ByteSize left, ByteSize right) => left.Bytes > right.Bytes;

    /// <summary>Whether the left side is not more bytes.</summary>
    public static bool operator <=(ByteSize left, ByteSize right) => left.Bytes <= right.Bytes;

    /// <summary>Whether the left side is not fewer bytes.</summary>
    public static bool operator >=(ByteSize left, ByteSize right) => left.Bytes >= right.Bytes;
}
