using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Granary.Engine.Archiving;
using Granary.Engine.Chunking;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Chunking;

public sealed class ChunkerTests
{
    private static readonly JsonNode Given = Vectors.Load("chunker.json");

    public static TheoryData<string> Polynomials =>
        [.. Given["polynomials"]!.AsArray().Select(each => each!.Text("polynomial"))];

    public static TheoryData<int, bool> WideSplits
    {
        get
        {
            var data = new TheoryData<int, bool>();
            foreach (var number in Enumerable.Range(0, Given["splits"]!.AsArray().Count))
            {
                data.Add(number, false);
                if (WideCutSearch.IsSupported)
                {
                    data.Add(number, true);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WideSplits))]
    public void Cuts_are_where_restic_cuts(int number, bool wide)
    {
        var split = Given["splits"]![number]!;
        var data = Vectors.Stream(
            Given["streams"]!.AsArray().Single(each => each!.Text("name") == split.Text("stream"))!
        );
        Assert.Equal(split.Text("sha256"), Convert.ToHexStringLower(SHA256.HashData(data)));

        var lengths = Cut(Of(split.Text("polynomial"), wide), data);

        Assert.Equal(split["chunk_lengths"]!.AsArray().Select(each => each!.GetValue<int>()), lengths);
        var ids = split["chunk_ids"]!.AsArray().Select(each => each!.GetValue<string>());
        Assert.Equal(ids, Slices(data, lengths).Select(slice => Convert.ToHexStringLower(SHA256.HashData(slice))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(1_000_003)]
    public async Task Cuts_do_not_depend_on_how_the_stream_is_read(int readSize)
    {
        var data = SeededBytes.Random("reads", readSize == 1 ? 1_500_000 : 40_000_000);
        var chunker = Of("238c2f21583001");
        var chunks = Channel.CreateUnbounded<Chunk>();
        var file = new SourceFile("/x");
        var reader = new ChunkReader(chunker, new ByteRing(new byte[ChunkReader.LeastRingBytes]), chunks.Writer);
        var reading = ReadAsync();
        var lengths = new List<int>();
        var position = 0;
        await foreach (var chunk in chunks.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            using (chunk.Content)
            {
                var length = chunk.Content.Bytes.Length;
                Assert.True(chunk.Content.Bytes.Span.SequenceEqual(data.AsSpan(position, length)));
                lengths.Add(length);
                position += length;
            }
        }

        await reading;
        Assert.Equal(Cut(chunker, data), lengths);
        Assert.Equal(data.Length, file.Size);

        async Task ReadAsync()
        {
            try
            {
                await reader.ReadAsync(
                    new DribblingStream(data, readSize),
                    file,
                    _ => { },
                    TestContext.Current.CancellationToken
                );
            }
            finally
            {
                reader.Complete();
            }
        }
    }

    /// <remarks>
    /// A cut that is found but for one position of a stride would hardly ever show in real data, so every position is
    /// made the only cut: the last bytes of the window are chosen such that its fingerprint's low bits are zero.
    /// </remarks>
    [Fact]
    public void A_cut_is_found_at_every_position_of_a_stride()
    {
        Assert.SkipUnless(WideCutSearch.IsSupported, "This processor has no vectors that are wide enough.");
        var polynomial = Polynomial.Random();
        var wide = new Chunker(polynomial, wide: true);
        var narrow = new Chunker(polynomial, wide: false);
        var random = SeededBytes.Random("one cut", Chunker.MinimumSize + 1500);
        for (var offset = 0; offset < 1200; offset++)
        {
            var position = Chunker.MinimumSize + offset;
            var data = random.AsSpan().ToArray();
            MakeCut(polynomial, data, position);

            Assert.Equal(position, wide.FindEnd(data, position - 1));
            AssertSame(data, 0);
            AssertSame(data, position - 1 - (offset % 300));
            AssertSame(data.AsSpan(0, position), 0);
            AssertSame(data.AsSpan(0, position - 1), 0);
        }

        void AssertSame(ReadOnlySpan<byte> data, int examined) =>
            Assert.Equal(narrow.FindEnd(data, examined), wide.FindEnd(data, examined));
    }

    [Theory]
    [MemberData(nameof(Polynomials))]
    public void Tables_and_fingerprints_are_the_vectors(string polynomial)
    {
        var vector = Given["polynomials"]!.AsArray().Single(each => each!.Text("polynomial") == polynomial)!;
        Assert.True(Polynomial.TryParse(polynomial, out var parsed));

        Assert.Equal(vector.Text("out_table_sha256"), Hash(value => parsed.Reduce(value, 504)));
        Assert.Equal(vector.Text("mod_table_sha256"), Hash(value => parsed.Reduce(value, 53) | (value << 53)));
        foreach (var fingerprint in vector["fingerprints"]!.AsArray())
        {
            var value = new Chunker(parsed).Fingerprint(fingerprint!.Hex("last64_hex"));
            Assert.Equal(fingerprint!.Text("value"), value.ToString("x", CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Reducible_polynomials_and_those_of_another_degree_are_refused()
    {
        Assert.All(Given["not_irreducible"]!.AsArray(), each =>
            Assert.False(Polynomial.TryParse(each!.GetValue<string>(), out _))
        );
        Assert.False(Polynomial.TryParse("3", out _));
        Assert.False(Polynomial.TryParse("", out _));
        Assert.False(Polynomial.TryParse(null, out _));
        Assert.False(Polynomial.TryParse("xyz", out _));
    }

    [Fact]
    public void Random_polynomials_are_usable_and_differ()
    {
        var (one, other) = (Polynomial.Random(), Polynomial.Random());

        Assert.True(Polynomial.TryParse(one.ToString(), out var parsed));
        Assert.Equal(one, parsed);
        Assert.NotEqual(one, other);
    }

    private static string Hash(Func<ulong, ulong> table)
    {
        var bytes = new byte[256 * sizeof(ulong)];
        for (var value = 0; value < 256; value++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(value * sizeof(ulong)), table((ulong)value));
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    // The last 20 bits of a window are the low bits of its remainder's sum with the rest, so they can clear those.
    private static void MakeCut(Polynomial polynomial, byte[] data, int position)
    {
        var low =
            new Chunker(polynomial, wide: false).Fingerprint(data.AsSpan(position - Fingerprint.Window)) & 0xFFFFF;
        data[position - 1] ^= (byte)low;
        data[position - 2] ^= (byte)(low >> 8);
        data[position - 3] ^= (byte)(low >> 16);
    }

    private static Chunker Of(string polynomial, bool wide = true) =>
        Polynomial.TryParse(polynomial, out var parsed)
            ? new Chunker(parsed, wide)
            : throw new ArgumentException(polynomial, nameof(polynomial));

    private static List<int> Cut(Chunker chunker, byte[] data)
    {
        var lengths = new List<int>();
        for (var start = 0; start < data.Length; start += lengths[^1])
        {
            var end = chunker.FindEnd(data.AsSpan(start), 0);
            lengths.Add(end > 0 ? end : data.Length - start);
        }

        return lengths;
    }

    private static IEnumerable<byte[]> Slices(byte[] data, IEnumerable<int> lengths)
    {
        var start = 0;
        foreach (var length in lengths)
        {
            yield return data[start..(start + length)];
            start += length;
        }
    }
}
