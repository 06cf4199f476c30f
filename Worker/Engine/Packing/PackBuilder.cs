using System.Buffers.Binary;
using System.Security.Cryptography;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;

namespace Granary.Engine.Packing;

/// <summary>A pack that is being filled in memory. Not safe for concurrent use.</summary>
/// <remarks>After a failure it stays failed: a pack whose state is in doubt must not be stored.</remarks>
internal sealed class PackBuilder : IDisposable
{
    private readonly SegmentedBuffer _content;
    private readonly List<PackEntry> _entries = [];
    private bool _isFinished;

    public PackBuilder(BlobType type, BufferPool segments)
        : this(type, new SegmentedBuffer(segments)) { }

    /// <summary>Takes over a buffer that holds one sealed blob, or nothing.</summary>
    private PackBuilder(BlobType type, SegmentedBuffer content)
    {
        Type = type;
        _content = content;
    }

    /// <summary>The type of its blobs; types are never mixed.</summary>
    public BlobType Type { get; }

    public IReadOnlyList<PackEntry> Entries => _entries;

    /// <summary>Bytes of sealed blobs so far; of the whole pack once it is finished.</summary>
    public long Length => _content.Length;

    private int HeaderSize { get; set; }

    /// <summary>A pack around one large blob, without copying it.</summary>
    public static PackBuilder Around(BlobHandle blob, SegmentedBuffer @sealed, uint uncompressedLength)
    {
        var pack = new PackBuilder(blob.Type, @sealed);
        pack.Note(new PackEntry(blob, 0, checked((uint)@sealed.Length), uncompressedLength));
        return pack;
    }

    /// <summary>
    /// Whether a pack of this size is to be closed, or one more entry could make its header too long.
    /// </summary>
    public bool IsFull(int target) =>
        Length >= target || HeaderSize + PackHeader.CompressedEntrySize + Sealer.Overhead > PackHeader.MaximumSize;

    public void Add(BlobHandle blob, ReadOnlySpan<byte> @sealed, uint uncompressedLength)
    {
        var offset = checked((uint)_content.Length);
        _content.Append(@sealed);
        Note(new PackEntry(blob, offset, (uint)@sealed.Length, uncompressedLength));
    }

    /// <summary>Moves the blobs of another pack of the same type to the end of this one.</summary>
    public void Absorb(PackBuilder other)
    {
        var start = checked((uint)_content.Length);
        for (long position = 0; other._content.From(position) is { IsEmpty: false } part; position += part.Length)
        {
            _content.Append(part.Span);
        }

        foreach (var entry in other._entries)
        {
            Note(entry with { Offset = entry.Offset + start });
        }

        other.Dispose();
    }

    /// <summary>
    /// Appends the header and names the pack. The header is opened and compared before it is trusted.
    /// </summary>
    public PackId Finish(Sealer sealer, int version)
    {
        ObjectDisposedException.ThrowIf(_isFinished, this);
        _isFinished = true;
        var header = sealer.Seal(PackHeader.Encode(_entries));
        var size = new byte[PackHeader.LengthSize];
        BinaryPrimitives.WriteUInt32LittleEndian(size, (uint)header.Length);
        var opened = sealer.Open(header);
        if (opened is null || !PackHeader.Decode(default, version, opened).SequenceEqual(_entries))
        {
            throw new DamagedPackException(
                "(new)",
                "its header did not survive sealing and opening; this machine's memory may be faulty"
            );
        }

        _content.Append(header);
        _content.Append(size);
        return new PackId(Hash());
    }

    public Stream AsStream() => _content.AsStream();

    public void Dispose() => _content.Dispose();

    private void Note(PackEntry entry)
    {
        _entries.Add(entry);
        HeaderSize += entry.HeaderSize;
    }

    private Sha256Id Hash()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long position = 0; _content.From(position) is { IsEmpty: false } part; position += part.Length)
        {
            sha.AppendData(part.Span);
        }

        Span<byte> hash = stackalloc byte[Sha256Id.Size];
        sha.GetHashAndReset(hash);
        return new Sha256Id(hash);
    }
}
