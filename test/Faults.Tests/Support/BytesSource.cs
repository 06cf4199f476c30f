using Granary.Engine.Archiving;

namespace Granary.Faults.Tests;

/// <summary>A source of known bytes that ends well.</summary>
internal sealed class BytesSource(string path, byte[] content) : ISource
{
    public string Path => path;

    public Task<Stream> OpenAsync(CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(new MemoryStream(content, writable: false));

    public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
