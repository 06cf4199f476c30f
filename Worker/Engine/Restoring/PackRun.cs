using Granary.Engine.Ids;
using Granary.Engine.Indexing;

namespace Granary.Engine.Restoring;

/// <summary>Blobs of one pack that lie next to each other and are fetched with one request.</summary>
/// <remarks>Whoever opens the last of its blobs returns its buffer and its share of the budget.</remarks>
internal sealed class PackRun(PackId pack, uint offset, int length)
{
    private readonly TaskCompletionSource<byte[]?> _fetched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _uses;

    public PackId Pack { get; } = pack;

    public uint Offset { get; } = offset;

    public int Length { get; private set; } = length;

    /// <summary>What the run took of the budget.</summary>
    public long Budget { get; set; }

    public bool IsStarted { get; set; }

    /// <summary>The bytes, or null if the pack is missing or too short.</summary>
    public Task<byte[]?> Fetched => _fetched.Task;

    /// <summary>Notes one more use; only before the run is started.</summary>
    public void AddUse() => _uses++;

    /// <summary>Lengthens the run to include what ends at a place in the pack.</summary>
    public void ExtendTo(uint end) => Length = (int)(end - Offset);

    public void Complete(byte[]? bytes) => _fetched.TrySetResult(bytes);

    /// <summary>Whether this was the last use.</summary>
    public bool Release() => Interlocked.Decrement(ref _uses) == 0;
}

/// <summary>One chunk of the file on its way out, in the order of the file.</summary>
internal sealed class Piece(BlobLocation place, PackRun run)
{
    private readonly TaskCompletionSource<byte[]> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BlobLocation Place { get; } = place;

    public PackRun Run { get; } = run;

    public int Length => (int)Place.Entry.PlaintextLength;

    /// <summary>A buffer that begins with the plaintext.</summary>
    public Task<byte[]> Opened => _opened.Task;

    public void Complete(byte[] plaintext) => _opened.TrySetResult(plaintext);
}
