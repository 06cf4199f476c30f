using System.Security.Cryptography;
using Granary.Engine.Ids;
using Granary.Engine.Packing;

namespace Granary.Engine.Repositories.Blobs;

/// <summary>The packs that are being filled. Safe for concurrent use.</summary>
/// <remarks>
/// Two packs of each type are open at a time and each blob goes to one at random, so that chunk sizes cannot be read
/// off a pack. They would give the polynomial away, and with it which known files are in the repository.
/// </remarks>
internal sealed class OpenPacks(int packSize, BufferPool segments)
{
    private const int Types = 2;
    private const int OfEachType = 2;

    private readonly Lock _packing = new();
    private readonly PackBuilder?[,] _open = new PackBuilder?[Types, OfEachType];

    /// <summary>Adds a sealed blob; one as large as a pack gets one of its own.</summary>
    /// <returns>The bytes it takes in its pack, header entry included, and a pack that is full now.</returns>
    public (int Size, PackBuilder? Full) Add(BlobHandle blob, ReadOnlySpan<byte> @sealed, uint uncompressedLength)
    {
        var entry = new PackEntry(blob, 0, (uint)@sealed.Length, uncompressedLength);
        lock (_packing)
        {
            var isAlone = @sealed.Length >= packSize;
            ref var slot = ref Slot(blob.Type);
            var pack = isAlone || slot is null ? new PackBuilder(blob.Type, segments) : slot;
            pack.Add(blob, @sealed, uncompressedLength);
            var isFull = isAlone || pack.IsFull(packSize);
            if (!isAlone)
            {
                slot = isFull ? null : pack;
            }

            return ((int)entry.Length + entry.HeaderSize, isFull ? pack : null);
        }
    }

    /// <summary>Adds a pack of one blob, which becomes part of an open one unless it is full by itself.</summary>
    /// <returns>As above.</returns>
    public (int Size, PackBuilder? Full) Add(PackBuilder pack)
    {
        var size = pack.Entries[0].HeaderSize + checked((int)pack.Length);
        if (pack.Length >= packSize)
        {
            return (size, pack);
        }

        lock (_packing)
        {
            ref var slot = ref Slot(pack.Type);
            if (slot is null)
            {
                slot = pack;
                return (size, null);
            }

            slot.Absorb(pack);
            var full = slot.IsFull(packSize) ? slot : null;
            slot = full is null ? slot : null;
            return (size, full);
        }
    }

    /// <summary>Two small packs of a type that are left over become one.</summary>
    public void MergeLeftovers()
    {
        lock (_packing)
        {
            for (var type = 0; type < Types; type++)
            {
                if (
                    _open[type, 0] is { } first
                    && _open[type, 1] is { } second
                    && first.Length + second.Length < packSize
                )
                {
                    first.Absorb(second);
                    _open[type, 1] = null;
                }
            }
        }
    }

    /// <summary>Takes a pack that is not full; null when there is none.</summary>
    public PackBuilder? Take()
    {
        lock (_packing)
        {
            for (var type = 0; type < Types; type++)
            {
                for (var slot = 0; slot < OfEachType; slot++)
                {
                    if (_open[type, slot] is { } pack)
                    {
                        _open[type, slot] = null;
                        return pack;
                    }
                }
            }

            return null;
        }
    }

    private ref PackBuilder? Slot(BlobType type) => ref _open[(int)type, RandomNumberGenerator.GetInt32(OfEachType)];
}
