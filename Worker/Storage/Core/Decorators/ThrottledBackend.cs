namespace Granary.Storage.Decorators;

/// <summary>
/// Keeps uploads and downloads below a number of bytes per second, each direction over all connections together.
/// </summary>
public sealed class ThrottledBackend : DelegatingBackend
{
    private readonly BytePacer? _up;
    private readonly BytePacer? _down;

    /// <summary>Throttles a backend.</summary>
    /// <param name="inner">The backend that does the work.</param>
    /// <param name="uploadPerSecond">Bytes per second, or null for no limit.</param>
    /// <param name="downloadPerSecond">Bytes per second, or null for no limit.</param>
    /// <param name="time">The clock to wait by.</param>
    public ThrottledBackend(IBackend inner, ByteSize? uploadPerSecond, ByteSize? downloadPerSecond, TimeProvider time)
        : base(inner)
    {
        _up = PacerFor(uploadPerSecond, time);
        _down = PacerFor(downloadPerSecond, time);
    }

    /// <inheritdoc/>
    public override async Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    )
    {
        if (_up is null)
        {
            await Inner.SaveAsync(handle, content, mode, cancellationToken);
            return;
        }

        await using var paced = new PacedStream(content, _up);
        await Inner.SaveAsync(handle, paced, mode, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Waits before the read: it goes straight into the caller's memory, so there is nothing to slow down in between.
    /// </remarks>
    public override async Task ReadAsync(
        FileHandle handle,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        if (_down is not null)
        {
            await _down.WaitAsync(destination.Length, cancellationToken);
        }

        await Inner.ReadAsync(handle, offset, destination, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Waits after the read, as the length is not known before.</remarks>
    public override async Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var content = await Inner.ReadAllAsync(handle, cancellationToken);
        if (_down is not null)
        {
            await _down.WaitAsync(content.Length, cancellationToken);
        }

        return content;
    }

    private static BytePacer? PacerFor(ByteSize? perSecond, TimeProvider time)
    {
        if (perSecond is not { } rate)
        {
            return null;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(rate.Bytes, 1, nameof(perSecond));
        return new BytePacer(rate, time);
    }
}
