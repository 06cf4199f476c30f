using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Granary.Engine.Chunking;

/// <summary>Finds where chunks end. Pure: a cut depends only on the 64 bytes before it and on the chunk's start.</summary>
/// <remarks>
/// A chunk ends at the first position of at least 512 KiB at which the low 20 bits of the window's fingerprint are zero, and at 8 MiB at the
/// latest. The fingerprint of 64 bytes is their value as a polynomial, modulo the repository's. It rolls:
/// <c>f' = (f·x^8 + new − old·x^512) mod P</c>. Since the fingerprint forgets everything older than its window, a scan can start
/// anywhere after reading 64 bytes, and this one runs in four places at once: each step waits for a table lookup that depends on the step
/// before, so four independent lanes are nearly four times as fast as one. Source: repository format §8.
/// </remarks>
internal sealed class Chunker
{
    public const int Window = 64;
    public const int MinimumSize = 512 << 10;
    public const int MaximumSize = 8 << 20;

    private const ulong CutMask = (1 << 20) - 1;
    private const int IndexShift = Polynomial.Degree - 8;
    private const int Lanes = 4;

    // The contribution of a byte that leaves: old·x^512. It is taken out after the shift, which keeps it off the chain of dependent steps.
    private readonly ulong[] _leaving = new ulong[256];

    // What to add to bring a shifted fingerprint below degree 53 again, including the bits that are cleared.
    private readonly ulong[] _modulo = new ulong[256];

    public Chunker(Polynomial polynomial)
    {
        Polynomial = polynomial;
        for (var value = 0; value < 256; value++)
        {
            _leaving[value] = polynomial.Reduce((ulong)value, 8 * Window);
            _modulo[value] = polynomial.Reduce((ulong)value, Polynomial.Degree) | ((ulong)value << Polynomial.Degree);
        }
    }

    public Polynomial Polynomial { get; }

    /// <summary>Finds the end of a chunk.</summary>
    /// <param name="chunk">The bytes from the chunk's start, as far as they are known.</param>
    /// <param name="examined">How many of them earlier calls have seen.</param>
    /// <returns>The chunk's length, or 0 if it does not end within these bytes.</returns>
    public int FindEnd(ReadOnlySpan<byte> chunk, int examined)
    {
        var first = Math.Max(examined + 1, MinimumSize);
        var last = Math.Min(chunk.Length, MaximumSize);
        var end = first <= last ? FindCandidate(chunk, first, last) : 0;
        return end == 0 && chunk.Length >= MaximumSize ? MaximumSize : end;
    }

    /// <summary>The fingerprint of exactly 64 bytes.</summary>
    public ulong Fingerprint(ReadOnlySpan<byte> window)
    {
        ulong fingerprint = 0;
        foreach (var value in window[..Window])
        {
            fingerprint = ((fingerprint << 8) | value) ^ _modulo[fingerprint >> IndexShift];
        }

        return fingerprint;
    }

    /// <summary>The smallest position in [first, last] before which a window with a fitting fingerprint lies, or 0.</summary>
    private int FindCandidate(ReadOnlySpan<byte> data, int first, int last)
    {
        if ((Fingerprint(data[(first - Window)..first]) & CutMask) == 0)
        {
            return first;
        }

        // Lane k examines the positions (start_k, start_k + steps]; what does not divide by four is left for the end.
        var steps = (last - first) / Lanes;
        Span<int> found = stackalloc int[Lanes];
        found.Clear();
        if (steps > 0 && ScanLanes(data, first, steps, found) is var candidate and > 0)
        {
            return candidate;
        }

        for (var position = first + (steps * Lanes) + 1; position <= last; position++)
        {
            if ((Fingerprint(data[(position - Window)..position]) & CutMask) == 0)
            {
                return position;
            }
        }

        return 0;
    }

    private int ScanLanes(ReadOnlySpan<byte> data, int first, int steps, Span<int> found)
    {
        int s0 = first, s1 = first + steps, s2 = first + (2 * steps), s3 = first + (3 * steps);
        var f0 = Fingerprint(data[(s0 - Window)..s0]);
        var f1 = Fingerprint(data[(s1 - Window)..s1]);
        var f2 = Fingerprint(data[(s2 - Window)..s2]);
        var f3 = Fingerprint(data[(s3 - Window)..s3]);

        // No bounds checks from here on: positions stay in [first − 64, last), and table indexes below 256 by construction.
        ref var bytes = ref MemoryMarshal.GetReference(data);
        ref var leaving = ref MemoryMarshal.GetArrayDataReference(_leaving);
        ref var modulo = ref MemoryMarshal.GetArrayDataReference(_modulo);
        for (var i = 0; i < steps; i++)
        {
            f0 = Roll(f0, ref Unsafe.Add(ref bytes, s0 + i), ref leaving, ref modulo);
            f1 = Roll(f1, ref Unsafe.Add(ref bytes, s1 + i), ref leaving, ref modulo);
            f2 = Roll(f2, ref Unsafe.Add(ref bytes, s2 + i), ref leaving, ref modulo);
            f3 = Roll(f3, ref Unsafe.Add(ref bytes, s3 + i), ref leaving, ref modulo);
            if ((f0 & CutMask) == 0)
            {
                return s0 + i + 1;
            }

            if ((f1 & CutMask) == 0 || (f2 & CutMask) == 0 || (f3 & CutMask) == 0)
            {
                Note(found, 1, f1, s1 + i + 1);
                Note(found, 2, f2, s2 + i + 1);
                Note(found, 3, f3, s3 + i + 1);
            }
        }

        // The first lane's bytes come first in the stream, and so on.
        var index = found.IndexOfAnyExcept(0);
        return index < 0 ? 0 : found[index];
    }

    private static void Note(Span<int> found, int lane, ulong fingerprint, int position)
    {
        if (found[lane] == 0 && (fingerprint & CutMask) == 0)
        {
            found[lane] = position;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Roll(ulong fingerprint, ref byte next, ref ulong leaving, ref ulong modulo) =>
        ((fingerprint << 8) | next)
        ^ Unsafe.Add(ref modulo, (nint)(fingerprint >> IndexShift))
        ^ Unsafe.Add(ref leaving, (nint)Unsafe.Subtract(ref next, Window));
}
