using Granary.Engine.Crypto;
using Granary.Engine.Ids;

namespace Granary.Engine.Packing;

/// <summary>One blob of a pack.</summary>
/// <param name="Blob">Its type and id.</param>
/// <param name="Offset">Where its sealed bytes begin in the pack.</param>
/// <param name="Length">How long they are.</param>
/// <param name="UncompressedLength">
/// Length of the plaintext of a compressed blob; 0 for one that is not compressed.
/// </param>
internal readonly record struct PackEntry(BlobHandle Blob, uint Offset, uint Length, uint UncompressedLength)
{
    public bool IsCompressed => UncompressedLength != 0;

    /// <summary>Length of the plaintext, whether compressed or not.</summary>
    public long PlaintextLength => IsCompressed ? UncompressedLength : Length - (long)Sealer.Overhead;

    /// <summary>Bytes that the blob takes in its pack's header.</summary>
    public int HeaderSize => IsCompressed ? PackHeader.CompressedEntrySize : PackHeader.EntrySize;
}
