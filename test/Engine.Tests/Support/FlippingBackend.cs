using Granary.Storage;
using Granary.Storage.Decorators;

namespace Granary.Engine.Tests;

/// <summary>Damages every file but the config the first time it is read, as a bad line does.</summary>
internal sealed class FlippingBackend(IBackend inner) : DelegatingBackend(inner)
{
    private readonly HashSet<(FileHandle, long)> _seen = [];

    public int Flipped { get; private set; }

    public override async Task ReadAsync(
        FileHandle handle,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        await base.ReadAsync(handle, offset, destination, cancellationToken);
        Flip(handle, offset, destination.Span);
    }

    public override async Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var content = await base.ReadAllAsync(handle, cancellationToken);
        Flip(handle, 0, content);
        return content;
    }

    private void Flip(FileHandle handle, long offset, Span<byte> content)
    {
        lock (_seen)
        {
            if (handle.Kind != FileKind.Config && _seen.Add((handle, offset)))
            {
                Flipped++;
                content[content.Length / 2] ^= 4;
            }
        }
    }
}
