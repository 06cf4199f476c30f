using Granary.Engine.Archiving;

namespace Granary.Engine.Tests;

/// <summary>A source whose stream and end a test decides.</summary>
internal sealed class TestSource(string path, Func<Stream> open, Func<Task>? complete = null) : ISource
{
    public TestSource(string path, byte[] content, Func<Task>? complete = null)
        : this(path, () => new MemoryStream(content, writable: false), complete) { }

    public string Path { get; } = path;

    public Task<Stream> OpenAsync(CancellationToken cancellationToken) => Task.FromResult(open());

    public Task CompleteAsync(CancellationToken cancellationToken) => complete?.Invoke() ?? Task.CompletedTask;
}

/// <summary>A stream made of steps: each gives bytes, or does something and throws, or ends.</summary>
internal sealed class ScriptedStream(IEnumerable<Func<Task<byte[]>>> steps) : Stream
{
    private readonly IEnumerator<Func<Task<byte[]>>> _steps = steps.GetEnumerator();
    private ReadOnlyMemory<byte> _rest;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!_steps.MoveNext())
            {
                return 0;
            }

            _rest = await _steps.Current();
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
