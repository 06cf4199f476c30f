using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Granary.Engine.Chunking;

/// <summary>The irreducible polynomial of degree 53 over GF(2) by which a repository's chunks are cut.</summary>
/// <remarks>Bit i is the coefficient of x^i. Source: repository format §8.5.</remarks>
internal readonly record struct Polynomial
{
    public const int Degree = 53;

    private Polynomial(ulong bits) => Bits = bits;

    public ulong Bits { get; }

    /// <summary>Reads hexadecimal digits; false unless they are an irreducible polynomial of degree 53.</summary>
    public static bool TryParse(string? hexadecimal, out Polynomial polynomial)
    {
        polynomial = default;
        if (
            !ulong.TryParse(hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits)
            || !IsUsable(bits)
        )
        {
            return false;
        }

        polynomial = new Polynomial(bits);
        return true;
    }

    /// <summary>Draws random polynomials until one is irreducible; about one in 27 is.</summary>
    public static Polynomial Random()
    {
        Span<byte> random = stackalloc byte[8];
        while (true)
        {
            RandomNumberGenerator.Fill(random);
            var bits =
                (BinaryPrimitives.ReadUInt64LittleEndian(random) & ((1UL << (Degree + 1)) - 1)) | (1UL << Degree) | 1;
            if (IsUsable(bits))
            {
                return new Polynomial(bits);
            }
        }
    }

    /// <summary>The remainder of <paramref name="value"/>·x^<paramref name="shift"/>.</summary>
    public ulong Reduce(ulong value, int shift)
    {
        var remainder = Remainder(value, Bits);
        for (var i = 0; i < shift; i++)
        {
            remainder <<= 1;
            remainder = (remainder >> Degree) == 0 ? remainder : remainder ^ Bits;
        }

        return remainder;
    }

    public override string ToString() => Bits.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>Whether the bits are a polynomial of degree 53 without a proper divisor.</summary>
    /// <remarks>Irreducible if gcd(P, x^(2^i) − x mod P) = 1 for every i up to half the degree.</remarks>
    public static bool IsUsable(ulong bits)
    {
        if (DegreeOf(bits) != Degree)
        {
            return false;
        }

        const ulong x = 2;
        var power = x;
        for (var i = 1; i <= Degree / 2; i++)
        {
            power = MultiplyModulo(power, power, bits);
            if (GreatestCommonDivisor(bits, power ^ x) != 1)
            {
                return false;
            }
        }

        return true;
    }

    private static int DegreeOf(ulong value) => 63 - BitOperations.LeadingZeroCount(value);

    private static ulong Remainder(ulong value, ulong divisor)
    {
        var degree = DegreeOf(divisor);
        while (DegreeOf(value) >= degree)
        {
            value ^= divisor << (DegreeOf(value) - degree);
        }

        return value;
    }

    private static ulong MultiplyModulo(ulong a, ulong b, ulong modulus)
    {
        ulong product = 0;
        for (; b != 0; b >>= 1)
        {
            product ^= (b & 1) != 0 ? a : 0;
            a = Remainder(a << 1, modulus);
        }

        return product;
    }

    private static ulong GreatestCommonDivisor(ulong a, ulong b)
    {
        while (b != 0)
        {
            (a, b) = (b, Remainder(a, b));
        }

        return a;
    }
}
