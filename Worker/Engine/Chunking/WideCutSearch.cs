using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Granary.Engine.Chunking;

/// <summary>
/// Searches a cut at 256 positions at once, on processors that multiply polynomials in wide vectors. Pure.
/// </summary>
/// <remarks>
/// A fingerprint is the remainder of its window, so each of its bits is a sum, modulo 2, of some of the window's 512
/// bits. Bit j of the byte that is i bytes old takes part in bit k if bit k of <c>x^(8i+j) mod P</c> is set. Over a
/// stretch of bytes such sums are products without carries. Plane j is the polynomial whose coefficient n is bit j of
/// byte n. Tap (k, j) is the polynomial whose coefficient i says whether such a bit takes part. Coefficient n of Σj
/// plane j · tap (k, j) is then bit k of the fingerprint of the window that ends with byte n. A block of 64 bytes has
/// eight planes of 64 bits; the upper half of a product belongs to the next block. Nothing waits for the step before,
/// unlike in a rolling fingerprint. Positions with <see cref="Bits"/> zeros are then looked at as a whole. Source:
/// repository format §8.
/// </remarks>
internal static unsafe class WideCutSearch
{
    /// <summary>How many bits of the fingerprints are computed for all positions.</summary>
    /// <remarks>
    /// Each takes a twelfth of a cycle per byte and halves the positions that are left to look at. With twelve, looking
    /// at those takes a twentieth of a cycle per byte.
    /// </remarks>
    public const int Bits = 12;

    private const int Planes = 8;
    private const int BlockSize = 64;
    private const int Stride = 4 * BlockSize;
    private const byte Xor3 = 0x96; // a ^ b ^ c
    private const byte OrXor = 0xF6; // a | (b ^ c)

    /// <summary>Whether the processor has the instructions, and this code was compiled for such.</summary>
    public static bool IsSupported =>
        Avx512DQ.IsSupported && Avx512Vbmi.IsSupported && Gfni.V512.IsSupported && Pclmulqdq.V512.IsSupported;

    // Turns each eight bytes round.
    private static Vector512<byte> Reversed =>
        Vector512.Create(Vector128.Create(0x0001020304050607UL, 0x08090A0B0C0D0E0F)).AsByte();

    // Byte b of each eight to the b-th eight.
    private static Vector512<byte> Gathered =>
        Vector512
            .Create(
                0x3830282018100800UL,
                0x3931292119110901,
                0x3A322A221A120A02,
                0x3B332B231B130B03,
                0x3C342C241C140C04,
                0x3D352D251D150D05,
                0x3E362E261E160E06,
                0x3F372F271F170F07
            )
            .AsByte();

    private static Vector512<ulong> UpperHalves => Vector512.Create(Vector128.Create(0, ulong.MaxValue));

    /// <summary>The taps of a polynomial: that of bit k and plane j at [8k + j].</summary>
    public static ulong[] Taps(Polynomial polynomial)
    {
        var taps = GC.AllocateArray<ulong>(Bits * Planes, pinned: true);
        for (var power = 0; power < Planes * Fingerprint.Window; power++)
        {
            var (age, plane) = Math.DivRem(power, Planes);
            var remainder = polynomial.Reduce(1, power);
            for (var bit = 0; bit < Bits; bit++)
            {
                taps[(bit * Planes) + plane] |= ((remainder >> bit) & 1) << age;
            }
        }

        return taps;
    }

    /// <summary>Finds the first cut, as far as whole strides reach.</summary>
    /// <param name="data">The chunk's bytes.</param>
    /// <param name="first">The first position to examine, at least 64.</param>
    /// <param name="last">The last position to examine, at most the number of bytes.</param>
    /// <param name="taps">As <see cref="Taps"/> gives them.</param>
    /// <param name="reductions">As <see cref="Fingerprint.Of"/> takes them.</param>
    /// <param name="next">Receives the first position that was not examined.</param>
    /// <returns>The cut, or 0.</returns>
    /// <remarks>
    /// Only hands on. The first call into a native library initialises its runtime, the guard of stack buffers
    /// included. A method with such a buffer would find its guard changed when it returns, and abort the process.
    /// </remarks>
    [UnmanagedCallersOnly(EntryPoint = "granary_find_cut", CallConvs = [typeof(CallConvCdecl)])]
    public static int FindCut(byte* data, int first, int last, ulong* taps, ulong* reductions, int* next) =>
        Find(data, first, last, taps, reductions, next);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Find(byte* data, int first, int last, ulong* taps, ulong* reductions, int* next)
    {
        // The last products of each bit; their upper halves belong to the next block.
        var products = stackalloc Vector512<ulong>[Bits];
        new Span<Vector512<ulong>>(products, Bits).Clear();

        // The window before the first position is the first block.
        var start = first - Fingerprint.Window;
        for (; start + Stride <= last; start += Stride)
        {
            var nonzero = NonzeroFingerprints(data + start, taps, products);
            if (
                !Vector512.EqualsAll(nonzero | UpperHalves, Vector512<ulong>.AllBitsSet)
                && Examine(data, nonzero, start, first, reductions) is var cut and > 0
            )
            {
                *next = cut + 1;
                return cut;
            }
        }

        *next = Math.Max(first, start + 1);
        return 0;
    }

    // In the lower half of each 128 bits a block's positions: 0 where all bits that are computed are zero.
    private static Vector512<ulong> NonzeroFingerprints(byte* stride, ulong* taps, Vector512<ulong>* products)
    {
        var (block0, block1) = (PlanesOf(stride), PlanesOf(stride + BlockSize));
        var (block2, block3) = (PlanesOf(stride + (2 * BlockSize)), PlanesOf(stride + (3 * BlockSize)));

        // From all planes of one block to two planes of all blocks: a transposition of 4 × 4 times 128 bits.
        var (lower01, upper01) = (
            Avx512F.Shuffle4x128(block0, block1, 0x44),
            Avx512F.Shuffle4x128(block0, block1, 0xEE)
        );
        var (lower23, upper23) = (
            Avx512F.Shuffle4x128(block2, block3, 0x44),
            Avx512F.Shuffle4x128(block2, block3, 0xEE)
        );
        var (planes01, planes23) = (
            Avx512F.Shuffle4x128(lower01, lower23, 0x88),
            Avx512F.Shuffle4x128(lower01, lower23, 0xDD)
        );
        var (planes45, planes67) = (
            Avx512F.Shuffle4x128(upper01, upper23, 0x88),
            Avx512F.Shuffle4x128(upper01, upper23, 0xDD)
        );

        var nonzero = Vector512<ulong>.Zero;
        for (var bit = 0; bit < Bits; bit++, taps += Planes)
        {
            var product =
                Avx512F.TernaryLogic(
                    Product(planes01, taps),
                    Product(planes23, taps + 2),
                    Product(planes45, taps + 4),
                    Xor3
                ) ^ Product(planes67, taps + 6);
            var ofBlockBefore = Avx512F.AlignRight64(product, products[bit], 7);
            products[bit] = product;
            nonzero = Avx512F.TernaryLogic(nonzero, product, ofBlockBefore, OrXor);
        }

        return nonzero;
    }

    private static Vector512<ulong> PlanesOf(byte* block)
    {
        // One bit of each byte, as the product of single bits and eight bytes as a matrix; the matrix's rows count from
        // the last.
        var rows = Avx512BW.Shuffle(Vector512.Load(block), Reversed);
        var planes = Gfni.V512.GaloisFieldAffineTransform(Vector512.Create(0x8040201008040201UL).AsByte(), rows, 0);
        return Avx512Vbmi.PermuteVar64x8(planes, Gathered).AsUInt64();
    }

    private static Vector512<ulong> Product(Vector512<ulong> planes, ulong* taps)
    {
        var both = Avx512DQ.BroadcastVector128ToVector512(taps);
        return Pclmulqdq.V512.CarrylessMultiply(planes, both, 0x00)
            ^ Pclmulqdq.V512.CarrylessMultiply(planes, both, 0x11);
    }

    private static int Examine(byte* data, Vector512<ulong> nonzero, int start, int first, ulong* reductions)
    {
        for (var block = 0; block < Stride / BlockSize; block++)
        {
            for (var zeros = ~nonzero[2 * block]; zeros != 0; zeros &= zeros - 1)
            {
                var position = start + (block * BlockSize) + BitOperations.TrailingZeroCount(zeros) + 1;
                if (position >= first && Fingerprint.IsCut(data + position, reductions))
                {
                    return position;
                }
            }
        }

        return 0;
    }
}
