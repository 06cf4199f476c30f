using System.Globalization;
using Granary.Engine.Checking;
using Granary.Engine.Ids;
using Granary.Engine.Packing;

namespace Granary.Engine.Pruning;

/// <summary>How thorough a prune is.</summary>
public sealed record PruneOptions
{
    /// <summary>How much unused data may stay in packs that are in use. Default: 5 %.</summary>
    public UnusedLimit MaxUnused { get; init; } = UnusedLimit.Percent(5);

    /// <summary>
    /// How many bytes of packs may be read to be repacked; the next prune goes on. Default: no limit.
    /// </summary>
    public long MaxRepackBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Whether packs with a blob that is not compressed are repacked, in version 2. A blob that does not shrink is
    /// stored uncompressed again, and its pack is repacked each time. Default: false.
    /// </summary>
    public bool RepackUncompressed { get; init; }

    /// <summary>
    /// Whether packs below four fifths of the pack size are joined, however few there are. Default: false.
    /// </summary>
    public bool RepackSmall { get; init; }

    /// <summary>
    /// Packs below this many bytes count as small. Default: four fifths of a small pack of this repository, and of 4
    /// MiB at least.
    /// </summary>
    public long? SmallerThan { get; init; }

    /// <summary>
    /// Whether only packs of trees are repacked, which is cheap where reading data costs money. Default: false.
    /// </summary>
    public bool RepackCacheableOnly { get; init; }

    /// <summary>
    /// Snapshots that are looked at as if they were removed. Only for a dry run: such a plan is not carried out.
    /// Default: none.
    /// </summary>
    public IReadOnlySet<SnapshotId> Without { get; init; } = new HashSet<SnapshotId>();

    /// <summary>How new packs are compressed and uploaded.</summary>
    public StoreOptions Store { get; init; } = new();
}

/// <summary>How many unused bytes a prune may leave.</summary>
public readonly record struct UnusedLimit
{
    private readonly double? _percent;
    private readonly long? _bytes;

    private UnusedLimit(double? percent, long? bytes)
    {
        _percent = percent;
        _bytes = bytes;
    }

    /// <summary>As much as there is.</summary>
    public static UnusedLimit Unlimited { get; } = Bytes(long.MaxValue);

    /// <summary>A share of the repository as it is after the prune.</summary>
    /// <param name="value">0 to 100.</param>
    public static UnusedLimit Percent(double value) =>
        value is >= 0 and <= 100
            ? new UnusedLimit(value, null)
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A percentage is 0 to 100.");

    /// <summary>So many bytes.</summary>
    public static UnusedLimit Bytes(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return new UnusedLimit(null, value);
    }

    /// <summary>Reads <c>5%</c>, <c>unlimited</c> or a size such as <c>500M</c>.</summary>
    /// <exception cref="FormatException">It is none of them.</exception>
    public static UnusedLimit Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "unlimited")
        {
            return Unlimited;
        }

        if (text == "0")
        {
            return Bytes(0);
        }

        if (text.EndsWith('%'))
        {
            return
                double.TryParse(
                    text[..^1],
                    NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out var percent
                )
                && percent <= 100
                ? Percent(percent)
                : throw new FormatException($"'{text}' is not a limit: a percentage is 0 to 100.");
        }

        return PackSubset.Parse(text) is PackSubset.Size size
            ? Bytes(size.Bytes)
            : throw new FormatException($"'{text}' is not a limit: expected x%, unlimited or a size such as 500M.");
    }

    /// <summary>The bytes that may stay unused beside so many used ones.</summary>
    internal long For(long used) =>
        _bytes ?? ((_percent ?? 5) >= 100 ? long.MaxValue : (long)((_percent ?? 5) / (100 - (_percent ?? 5)) * used));
}
