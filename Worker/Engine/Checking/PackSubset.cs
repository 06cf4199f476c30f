using System.Globalization;
using Granary.Engine.Ids;

namespace Granary.Engine.Checking;

/// <summary>Which packs a check reads in full. Source: repository format §18.</summary>
public abstract record PackSubset
{
    private const int MaximumParts = 256;

    private static readonly (string Suffix, int Shift)[] Units = [("T", 40), ("G", 30), ("M", 20), ("K", 10), ("", 0)];

    private PackSubset() { }

    /// <summary>Reads <c>n/t</c>, <c>x%</c>, or a size such as <c>500M</c>.</summary>
    /// <exception cref="FormatException">It is none of them, or out of range.</exception>
    public static PackSubset Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Split('/') is [var part, var parts])
        {
            return TryNumber(part, out var n) && TryNumber(parts, out var t) && n >= 1 && n <= t && t <= MaximumParts
                ? new Part((int)n, (int)t)
                : throw new FormatException($"'{text}' is not a subset: n/t needs 1 ≤ n ≤ t ≤ {MaximumParts}.");
        }

        if (text.EndsWith('%'))
        {
            return
                double.TryParse(
                    text[..^1],
                    NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out var percent
                ) && percent is > 0 and <= 100
                ? new Percent(percent)
                : throw new FormatException($"'{text}' is not a subset: a percentage is above 0 and at most 100.");
        }

        var (suffix, shift) = Units.First(unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase));
        return TryNumber(text[..^suffix.Length], out var count) && count > 0 && count <= long.MaxValue >> shift
            ? new Size(count << shift)
            : throw new FormatException($"'{text}' is not a subset: expected n/t, x% or a size such as 500M.");
    }

    /// <summary>Chooses among packs with their sizes.</summary>
    internal abstract IReadOnlyList<(PackId Pack, long Size)> Choose(
        IReadOnlyList<(PackId Pack, long Size)> packs,
        Random random
    );

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>No pack is read.</summary>
    public sealed record None : PackSubset
    {
        internal override IReadOnlyList<(PackId Pack, long Size)> Choose(
            IReadOnlyList<(PackId Pack, long Size)> packs,
            Random random
        ) => [];
    }

    /// <summary>Every pack is read.</summary>
    public sealed record All : PackSubset
    {
        internal override IReadOnlyList<(PackId Pack, long Size)> Choose(
            IReadOnlyList<(PackId Pack, long Size)> packs,
            Random random
        ) => packs;
    }

    /// <summary>
    /// The packs whose first id byte modulo <paramref name="Of"/> is <paramref name="Number"/> − 1, so that t runs read
    /// every pack.
    /// </summary>
    /// <param name="Number">From 1 on.</param>
    /// <param name="Of">At most 256.</param>
    public sealed record Part(int Number, int Of) : PackSubset
    {
        internal override IReadOnlyList<(PackId Pack, long Size)> Choose(
            IReadOnlyList<(PackId Pack, long Size)> packs,
            Random random
        ) => [.. packs.Where(each => (int)(each.Pack.Hash.Prefix >> 56) % Of == Number - 1)];
    }

    /// <summary>A share of the packs, chosen at random; at least one.</summary>
    /// <param name="Value">Above 0, at most 100.</param>
    public sealed record Percent(double Value) : PackSubset
    {
        internal override IReadOnlyList<(PackId Pack, long Size)> Choose(
            IReadOnlyList<(PackId Pack, long Size)> packs,
            Random random
        ) => [.. Shuffled(packs, random).Take(Math.Max(1, (int)(packs.Count * Value / 100)))];
    }

    /// <summary>Packs chosen at random that have so many bytes together; at least one.</summary>
    /// <param name="Bytes">How many at most.</param>
    public sealed record Size(long Bytes) : PackSubset
    {
        internal override IReadOnlyList<(PackId Pack, long Size)> Choose(
            IReadOnlyList<(PackId Pack, long Size)> packs,
            Random random
        )
        {
            long sum = 0;
            return
            [
                .. Shuffled(packs, random).TakeWhile((pack, position) => (sum += pack.Size) <= Bytes || position == 0),
            ];
        }
    }

    // Which packs are read need not be unpredictable, only different from run to run.
    private static (PackId Pack, long Size)[] Shuffled(IReadOnlyList<(PackId Pack, long Size)> packs, Random random)
    {
        (PackId Pack, long Size)[] all = [.. packs];
        random.Shuffle(all);
        return all;
    }
}
