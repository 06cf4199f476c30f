namespace Granary.Engine.Chunking;

/// <summary>
/// The value of a window of 64 bytes as a polynomial, modulo the repository's: it decides where a chunk ends. Pure.
/// </summary>
/// <remarks>Source: repository format §8.</remarks>
internal static unsafe class Fingerprint
{
    /// <summary>Bytes that take part.</summary>
    public const int Window = 64;

    /// <summary>The bits that are all zero at a cut.</summary>
    public const ulong CutMask = (1 << 20) - 1;

    /// <summary>From a fingerprint to the place of its highest 8 bits in the table of reductions.</summary>
    public const int IndexShift = Polynomial.Degree - 8;

    /// <summary>The fingerprint of exactly 64 bytes.</summary>
    /// <param name="window">The first of them.</param>
    /// <param name="reductions">
    /// 256 values that bring a shifted fingerprint below degree 53 again, the bits to clear included.
    /// </param>
    public static ulong Of(byte* window, ulong* reductions)
    {
        ulong fingerprint = 0;
        for (var i = 0; i < Window; i++)
        {
            fingerprint = ((fingerprint << 8) | window[i]) ^ reductions[fingerprint >> IndexShift];
        }

        return fingerprint;
    }

    /// <summary>Whether a chunk may end before a byte.</summary>
    /// <param name="end">The byte, with 64 more before it.</param>
    /// <param name="reductions">As above.</param>
    public static bool IsCut(byte* end, ulong* reductions) => (Of(end - Window, reductions) & CutMask) == 0;
}
