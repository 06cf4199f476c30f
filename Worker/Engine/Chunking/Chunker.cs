namespace Granary.Engine.Chunking;

/// <summary>
/// Finds where chunks end. Pure: a cut depends only on the 64 bytes before it and on the chunk's start.
/// </summary>
/// <remarks>
/// A chunk ends where the low 20 bits of the window's fingerprint are zero: at the first such position from 512 KiB on,
/// and at 8 MiB at the latest. The fingerprint of 64 bytes is their value as a polynomial, modulo the repository's. It
/// rolls: <c>f' = (f·x^8 + new − old·x^512) mod P</c>. The fingerprint forgets everything older than its window, so a
/// scan can start anywhere after reading 64 bytes. This one runs in four places at once. Each step waits for a table
/// lookup that depends on the step before, so four independent lanes are nearly four times as fast as one. Where the
/// processor allows, <see cref="WideCutSearch"/> does nearly all of it instead. Source: repository format §8.
/// </remarks>
internal sealed unsafe class Chunker
{
    public const int MinimumSize = 512 << 10;
    public const int MaximumSize = 8 << 20;

    private const int Window = Chunking.Fingerprint.Window;
    private const ulong CutMask = Chunking.Fingerprint.CutMask;
    private const int IndexShift = Chunking.Fingerprint.IndexShift;
    private const int Lanes = 4;
    private const int Leaving = 256;

    // Two tables in one pinned array, so that the inner loop keeps a single base address. [0, 256): the value that
    // brings a shifted fingerprint below degree 53 again, the bits to clear included. [256, 512): the contribution of a
    // byte that leaves, old·x^512. It is taken out after the shift, which keeps it off the chain of dependent steps.
    private readonly ulong[] _tables = GC.AllocateArray<ulong>(512, pinned: true);

    // Made when needed: a program that only reads a repository cuts nothing.
    private readonly Lazy<ulong[]?> _taps;

    /// <param name="polynomial">The repository's.</param>
    /// <param name="wide">Whether to search with wide vectors where the processor has them.</param>
    public Chunker(Polynomial polynomial, bool wide = true)
    {
        Polynomial = polynomial;
        _taps = new Lazy<ulong[]?>(() => wide && WideLibrary.IsAvailable ? WideCutSearch.Taps(polynomial) : null);
        for (var value = 0; value < 256; value++)
        {
            _tables[value] = polynomial.Reduce((ulong)value, Polynomial.Degree) | ((ulong)value << Polynomial.Degree);
            _tables[Leaving + value] = polynomial.Reduce((ulong)value, 8 * Window);
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
        fixed (byte* bytes = window[..Window])
        fixed (ulong* tables = _tables)
        {
            return Chunking.Fingerprint.Of(bytes, tables);
        }
    }

    private bool IsCut(ReadOnlySpan<byte> data, int position)
    {
        fixed (byte* window = data[(position - Window)..position])
        fixed (ulong* tables = _tables)
        {
            return Chunking.Fingerprint.IsCut(window + Window, tables);
        }
    }

    /// <summary>
    /// The smallest position in [first, last] before which a window with a fitting fingerprint lies, or 0.
    /// </summary>
    private int FindCandidate(ReadOnlySpan<byte> data, int first, int last)
    {
        if (_taps.Value is { } values)
        {
            fixed (byte* bytes = data)
            fixed (
                ulong* taps = values,
                    tables = _tables
            )
            {
                if (WideLibrary.FindCut(bytes, first, last, taps, tables, &first) is var cut and > 0)
                {
                    return cut;
                }
            }
        }

        return first <= last ? FindInLanes(data, first, last) : 0;
    }

    private int FindInLanes(ReadOnlySpan<byte> data, int first, int last)
    {
        if (IsCut(data, first))
        {
            return first;
        }

        // Lane k examines the positions (start_k, start_k + steps]; the remainder of the division by four is left for
        // the end.
        var steps = (last - first) / Lanes;
        Span<int> found = stackalloc int[Lanes];
        found.Clear();
        if (steps > 0 && ScanLanes(data, first, steps, found) is var candidate and > 0)
        {
            return candidate;
        }

        for (var position = first + (steps * Lanes) + 1; position <= last; position++)
        {
            if (IsCut(data, position))
            {
                return position;
            }
        }

        return 0;
    }

    private int ScanLanes(ReadOnlySpan<byte> data, int first, int steps, Span<int> found)
    {
        fixed (byte* bytes = data)
        fixed (ulong* tables = _tables)
        {
            var f0 = Fingerprint(data[(first - Window)..]);
            var f1 = Fingerprint(data[(first + steps - Window)..]);
            var f2 = Fingerprint(data[(first + (2 * steps) - Window)..]);
            var f3 = Fingerprint(data[(first + (3 * steps) - Window)..]);

            // No bounds checks: lane k reads [next + k·steps − 64, next + k·steps], all within [first − 64, last).
            nint lane = steps;
            var lane3 = lane * 3;
            var next = bytes + first;
            for (var end = next + steps; next < end; next++)
            {
                f0 = ((f0 << 8) | next[0]) ^ tables[f0 >> IndexShift] ^ tables[Leaving + next[-Window]];
                f1 = ((f1 << 8) | next[lane]) ^ tables[f1 >> IndexShift] ^ tables[Leaving + next[lane - Window]];
                f2 =
                    ((f2 << 8) | next[lane * 2])
                    ^ tables[f2 >> IndexShift]
                    ^ tables[Leaving + next[(lane * 2) - Window]];
                f3 = ((f3 << 8) | next[lane3]) ^ tables[f3 >> IndexShift] ^ tables[Leaving + next[lane3 - Window]];
                if ((f0 & CutMask) == 0 || (f1 & CutMask) == 0 || (f2 & CutMask) == 0 || (f3 & CutMask) == 0)
                {
                    var position = (int)(next - bytes) + 1;
                    Note(found, 0, f0, position);
                    Note(found, 1, f1, position + steps);
                    Note(found, 2, f2, position + (2 * steps));
                    Note(found, 3, f3, position + (3 * steps));
                    if (found[0] != 0)
                    {
                        break;
                    }
                }
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
}
