using System.Threading.Channels;
using Granary.Engine.Packing;

namespace Granary.Engine.Repositories.Blobs;

/// <summary>Full packs on their way to the store, so many at a time that memory stays bounded.</summary>
/// <remarks>
/// A pack takes its room until it is uploaded. There is one for each connection. A single connection has a second one,
/// so that it finds the next pack when it is done with one.
/// </remarks>
internal sealed class UploadQueue(int connections) : IDisposable
{
    private readonly SemaphoreSlim _room = new(Math.Max(2, connections));
    private readonly Channel<PackBuilder> _packs = Channel.CreateUnbounded<PackBuilder>(); // Bounded by the room.

    /// <summary>
    /// Waits while every room is taken. Blobs wait here for a connection, instead of filling further packs.
    /// </summary>
    /// <remarks>
    /// No room is reserved: workers that have passed may all fill a pack before one of them sends it.
    /// </remarks>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        // The semaphore is a gate here: a room is taken and given back at once.
        await _room.WaitAsync(cancellationToken);
        _room.Release();
    }

    /// <summary>Hands a pack over, or returns its buffers if that fails. Nothing to do without one.</summary>
    public async ValueTask SendAsync(PackBuilder? full, CancellationToken cancellationToken)
    {
        try
        {
            if (full is not null)
            {
                await _room.WaitAsync(cancellationToken);
                await _packs.Writer.WriteAsync(full, cancellationToken);
            }
        }
        catch
        {
            full?.Dispose();
            throw;
        }
    }

    /// <summary>The packs to upload; <see cref="GiveBack"/> after each.</summary>
    public IAsyncEnumerable<PackBuilder> ReadAllAsync(CancellationToken cancellationToken) =>
        _packs.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Gives the room of an uploaded pack back.</summary>
    public void GiveBack() => _room.Release();

    /// <summary>No pack comes any more.</summary>
    public void Complete() => _packs.Writer.Complete();

    /// <summary>Returns the buffers of packs that nobody uploads any more.</summary>
    public void Dispose()
    {
        while (_packs.Reader.TryRead(out var waiting))
        {
            waiting.Dispose();
        }

        _room.Dispose();
    }
}
