namespace Granary.Engine.Ids;

/// <summary>
/// A growing list of ids as packed bytes: 32 bytes each, in blocks that stay off the large object heap.
/// </summary>
/// <remarks>
/// One task appends. Others may set reserved ids, at different positions at the same time. A stream needs one id for
/// each chunk until its end, which is 22 MiB for a TiB. A small file needs one or two, and a directory may have a
/// million of them, so the first block grows with its content.
/// </remarks>
internal sealed class Sha256IdList
{
    private const int IdsInBlock = 2048;

    private readonly Lock _growing = new();
    private Sha256Id[][] _blocks = [];

    public int Count { get; private set; }

    public Sha256Id this[int index]
    {
        get => Volatile.Read(ref _blocks)[index / IdsInBlock][index % IdsInBlock];
        set
        {
            // An id that is set while the first block moves must not stay behind in the old one.
            lock (_growing)
            {
                _blocks[index / IdsInBlock][index % IdsInBlock] = value;
            }
        }
    }

    public void Add(Sha256Id id)
    {
        var index = Reserve();
        this[index] = id;
    }

    /// <summary>Makes room for an id that will be set later, and returns its position.</summary>
    public int Reserve()
    {
        lock (_growing)
        {
            var (block, position) = Math.DivRem(Count, IdsInBlock);
            if (block == _blocks.Length)
            {
                Volatile.Write(ref _blocks, [.. _blocks, new Sha256Id[block == 0 ? 1 : IdsInBlock]]);
            }
            else if (position == _blocks[block].Length)
            {
                var larger = new Sha256Id[Math.Min(IdsInBlock, position * 4)];
                _blocks[block].CopyTo(larger, 0);
                Volatile.Write(ref _blocks[block], larger);
            }

            return Count++;
        }
    }
}
