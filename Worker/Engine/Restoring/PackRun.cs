using Granary.Engine.Ids;
using Granary.Engine.Indexing;

namespace Granary.Engine.Restoring;

/// <summary>Blobs of one pack that lie next to each other and are fetched with one request.</summary>
/// <remarks>The worker that opens the last of its blobs lets its memory go.</remarks>
internal sealed class PackRun(PackId pack, uint offset, int length)
{
    private readonly TaskCompletionSource<bool> _fetched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _uses;

    public PackId Pack { get; } = pack;

    public uint Offset { get; } = offset;

    public int Length { get; private set; } = length;

    /// <summary>Where its bytes go; null until it is started.</summary>
    public ByteRing.Slice? Sealed { get; set; }

    /// <summary>Done when the bytes are there. False if the pack is missing or too short.</summary>
    public Task<bool> Fetched => _fetched.Task;

    /// <summary>Notes one more use; only before the run is started.</summary>
    public void AddUse() => _uses++;

    /// <summary>Lengthens the run up to a place in the pack.</summary>
    public void ExtendTo(uint end) => Length = (int)(end - Offset);

    public void Complete(bool isThere) => _fetched.TrySetResult(isThere);

    /// <summary>Ends a use; the last one lets the memory go.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
        {
            Sealed?.Dispose();
        }
    }
}

/// <summary>One chunk of the file on its way out, in the order of the file.</summary>
internal sealed class Piece(BlobLocation place, PackRun run)
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BlobLocation Place { get; } = place;

    public PackRun Run { get; } = run;

    public int Length => (int)Place.Entry.PlaintextLength;

    /// <summary>Where its plaintext goes; null until its turn to be opened has come.</summary>
    public ByteRing.Slice? Plaintext { get; set; }

    /// <summary>Done when the plaintext is there.</summary>
    public Task Opened => _opened.Task;

    public void Complete() => _opened.TrySetResult();
}
