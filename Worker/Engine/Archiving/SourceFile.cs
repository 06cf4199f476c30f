using Granary.Engine.Ids;

namespace Granary.Engine.Archiving;

/// <summary>A source's file in the making. One task reads and cuts it; several report on its chunks.</summary>
internal sealed class SourceFile(string path)
{
    private long _chunksAdded;
    private long _bytesAdded;
    private long _bytesStored;

    /// <summary>Absolute and clean.</summary>
    public string Path { get; } = path;

    /// <summary>The ids of its chunks in order.</summary>
    public Sha256IdList Content { get; } = new();

    /// <summary>Bytes read so far.</summary>
    public long Size { get; set; }

    public TimeSpan Duration { get; set; }

    public long ChunksAdded => Volatile.Read(ref _chunksAdded);

    public long BytesAdded => Volatile.Read(ref _bytesAdded);

    public long BytesStored => Volatile.Read(ref _bytesStored);

    public void NoteAdded(int length, int stored)
    {
        Interlocked.Increment(ref _chunksAdded);
        Interlocked.Add(ref _bytesAdded, length);
        Interlocked.Add(ref _bytesStored, stored);
    }

    public SourceResult ToResult() => new(Path, Size, Content.Count, BytesAdded, BytesStored, Duration);
}

/// <summary>A chunk on its way: its bytes are held, its place in the file is reserved.</summary>
internal readonly record struct Chunk(SourceFile File, int Position, ByteRing.Slice Content);
