using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Granary.Engine;
using Granary.Engine.Chunking;
using Granary.Engine.Compression;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.Engine.Packing;
using Granary.TestSupport;

namespace Granary.Benchmarks;

/// <summary>Each stage of a backup and a dump alone, on one core, over the same input.</summary>
[Config(typeof(StageConfig))]
public class Stages
{
    /// <summary>Bytes of plaintext that one call of each benchmark works on.</summary>
    public const int Length = 32 << 20;

    private const int BlobLength = 1 << 20;

    private readonly ChunkBuffers _chunks = new(BlobCodec.BufferSize);
    private readonly BufferPool _segments = new(1 << 20);
    private readonly Sealer _sealer = new(RepositoryKey.Random());
    private readonly byte[] _output = new byte[Zstd.Bound(BlobLength)];
    private byte[] _input = [];
    private byte[][] _sealed = [];
    private byte[][] _compressed = [];
    private Chunker _chunker = null!;
    private Zstd _zstd = null!;

    /// <summary>What the plaintext is: the COPY text of a dump, or bytes that do not compress.</summary>
    [Params("text", "random")]
    public string Input { get; set; } = "";

    /// <summary>Makes the input, and what the reading stages read.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _input = Input == "text" ? SeededBytes.CopyText("stages", Length) : SeededBytes.Random("stages", Length);
        _chunker = new Chunker(Polynomial.Random());
        _zstd = Zstd.Create(1);
        _sealed = [.. Blobs().Select(blob => _sealer.Seal(_input.AsSpan(blob)))];
        _compressed = [.. Blobs().Select(Compressed)];
    }

    /// <summary>Frees the native tools.</summary>
    [GlobalCleanup]
    public void Release() => _zstd.Dispose();

    /// <summary>Finds the cuts of content-defined chunking.</summary>
    [Benchmark]
    public int Chunker()
    {
        var (count, start, examined) = (0, 0, 0);
        while (start + examined < Length)
        {
            // A window that grows, as the reader's does: looking further than the next cut would be work for nothing.
            var known = Math.Min(examined + (256 << 10), Length - start);
            var end = _chunker.FindEnd(_input.AsSpan(start, known), examined);
            (start, examined) = end == 0 ? (start, known) : (start + end, 0);
            count += end == 0 ? 0 : 1;
        }

        return count;
    }

    /// <summary>Names blobs.</summary>
    [Benchmark]
    public int Sha256()
    {
        var sum = 0;
        foreach (var blob in Blobs())
        {
            sum ^= BlobId.Of(_input.AsSpan(blob)).GetHashCode();
        }

        return sum;
    }

    /// <summary>Compresses as a backup does by default.</summary>
    [Benchmark]
    public long ZstdCompress()
    {
        long sum = 0;
        foreach (var blob in Blobs())
        {
            sum += _zstd.TryCompress(_input.AsSpan(blob), _output, out var written) ? written : BlobLength;
        }

        return sum;
    }

    /// <summary>Decompresses as a dump does.</summary>
    [Benchmark]
    public bool ZstdDecompress()
    {
        var ok = true;
        foreach (var blob in _compressed)
        {
            ok &= _zstd.TryDecompressExactly(blob, _output.AsSpan(0, BlobLength));
        }

        return ok;
    }

    /// <summary>Encrypts and authenticates.</summary>
    [Benchmark]
    public void Seal()
    {
        foreach (var blob in Blobs())
        {
            _input.AsSpan(blob).CopyTo(_output.AsSpan(Sealer.IvSize));
            _sealer.SealInPlace(_output.AsSpan(0, BlobLength + Sealer.Overhead));
        }
    }

    /// <summary>Authenticates and decrypts.</summary>
    [Benchmark]
    public bool Open()
    {
        var ok = true;
        foreach (var blob in _sealed)
        {
            ok &= _sealer.TryOpen(blob, _output.AsSpan(0, BlobLength));
        }

        return ok;
    }

    /// <summary>Fills packs with sealed blobs, and names them.</summary>
    [Benchmark]
    public int Packing()
    {
        var sum = 0;
        PackBuilder? pack = null;
        foreach (var blob in _sealed)
        {
            pack ??= new PackBuilder(BlobType.Data, _segments);
            pack.Add(default, blob, 0);
            if (pack.IsFull(16 << 20))
            {
                sum ^= pack.Finish(_sealer, 2).GetHashCode();
                pack.Dispose();
                pack = null;
            }
        }

        pack?.Dispose();
        return sum;
    }

    /// <summary>What a worker thread does with a new chunk: name, compress, seal, verify.</summary>
    [Benchmark]
    public long WholeBlob()
    {
        long sum = 0;
        using var codec = new BlobCodec(_sealer, _chunks, level: 1);
        foreach (var blob in Blobs())
        {
            var plaintext = _input.AsSpan(blob);
            var id = BlobId.Of(plaintext);
            var stored = codec.Seal(plaintext, compress: true, out var uncompressed);
            codec.Verify(stored, uncompressed, id, plaintext.Length);
            sum += stored.Length;
        }

        return sum;
    }

    private static IEnumerable<Range> Blobs() =>
        Enumerable.Range(0, Length / BlobLength).Select(i => (i * BlobLength)..((i + 1) * BlobLength));

    private byte[] Compressed(Range blob)
    {
        // Random bytes grow, so the frame gets all the room it may need.
        Span<byte> room = new byte[Zstd.Bound(BlobLength)];
        return _zstd.TryCompress(_input.AsSpan(blob), room, out var written)
            ? room[..written].ToArray()
            : throw new InvalidOperationException("The bound is too small.");
    }

    private sealed class StageConfig : ManualConfig
    {
        public StageConfig()
        {
            AddJob(
                Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
                    .WithStrategy(RunStrategy.Throughput)
                    .WithWarmupCount(3)
                    .WithIterationCount(7)
            );
            AddColumn(new Throughput());
        }
    }

    /// <summary>Megabytes (10^6) of plaintext per second of one core, from the mean.</summary>
    private sealed class Throughput : IColumn
    {
        public string Id => nameof(Throughput);

        public string ColumnName => "MB/s per core";

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public string Legend => "Plaintext per second of one core, in 10^6 bytes";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
            summary[benchmarkCase]?.ResultStatistics is { } figures ? $"{Length / (figures.Mean / 1e9) / 1e6:0}" : "?";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) =>
            GetValue(summary, benchmarkCase);

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

        public bool IsAvailable(Summary summary) => true;
    }
}
