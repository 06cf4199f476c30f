using System.Text;
using Granary.TestSupport;

namespace Granary.Faults.Tests.Storm;

/// <summary>
/// What a storm backs up: a header that names it, and pieces of a few that all backups draw from, so that they share
/// data.
/// </summary>
internal static class StormContent
{
    private const int Pieces = 5;
    private const int PieceLength = 3_000_000;

    private static readonly byte[][] PiecesValue =
    [
        .. Enumerable.Range(0, Pieces).Select(i => SeededBytes.Random($"piece {i}", PieceLength)),
    ];

    /// <summary>A name for new content.</summary>
    public static string NewName(Random random, int number) => $"{number}-{random.Next(Pieces)}-{random.Next(Pieces)}";

    /// <summary>The content of a name.</summary>
    public static byte[] Of(string name)
    {
        var parts = name.Split('-');
        return
        [
            .. Encoding.ASCII.GetBytes($"{name}\n"),
            .. PiecesValue[int.Parse(parts[1])],
            .. PiecesValue[int.Parse(parts[2])],
            .. Encoding.ASCII.GetBytes(name),
        ];
    }

    /// <summary>Whether a dump gave what some name stands for, or its beginning.</summary>
    public static bool IsSound(ReadOnlySpan<byte> dumped, bool isWhole)
    {
        var end = dumped.IndexOf((byte)'\n');
        if (end < 0)
        {
            return !isWhole;
        }

        var name = Encoding.ASCII.GetString(dumped[..end]);
        if (name.Split('-').Length != 3)
        {
            return false;
        }

        var expected = Of(name).AsSpan();
        return isWhole ? dumped.SequenceEqual(expected) : expected.StartsWith(dumped);
    }
}
