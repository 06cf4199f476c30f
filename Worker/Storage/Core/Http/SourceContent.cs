using System.Net;

namespace Granary.Storage.Http;

/// <summary>A file's content as a request's body: read from its start each time it is sent, and not disposed.</summary>
public sealed class SourceContent : HttpContent
{
    private const int BlockLength = 64 * 1024;
    private readonly Stream _source;

    /// <summary>Wraps a seekable stream of known length.</summary>
    public SourceContent(Stream source)
    {
        _source = source;
        Headers.ContentType = new("application/octet-stream");
        Headers.ContentLength = source.Length;
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        _source.Position = 0;
        return _source.CopyToAsync(stream, BlockLength, cancellationToken);
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _source.Length;
        return true;
    }
}
