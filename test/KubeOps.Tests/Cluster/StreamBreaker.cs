using System.Collections.Concurrent;

namespace KubeOps.Tests.Cluster;

/// <summary>Breaks open watch streams as a failing network does, and counts how often they were opened.</summary>
public sealed class StreamBreaker : DelegatingHandler
{
    private readonly ConcurrentBag<BreakableContent> _open = [];
    private int _asked;
    private int _lists;
    private int _watches;

    /// <summary>Requests for a stream, also those that are not answered yet.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public int Lists => Volatile.Read(ref _lists);

    public int Watches => Volatile.Read(ref _watches);

    /// <summary>Streams that the operator holds open.</summary>
    public int Open => _open.Count(content => !content.IsDisposed);

    public void BreakAll()
    {
        foreach (var content in _open)
        {
            content.Break();
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var isWidgets =
            request.Method == HttpMethod.Get
            && request.RequestUri!.AbsolutePath.EndsWith("/widgets", StringComparison.Ordinal);
        var isWatch = isWidgets && request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal);
        if (isWatch)
        {
            Interlocked.Increment(ref _asked);
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (!isWatch)
        {
            Interlocked.Add(ref _lists, isWidgets ? 1 : 0);
            return response;
        }

        // Counted when it can be broken and not before.
        var content = new BreakableContent(await response.Content.ReadAsStreamAsync(cancellationToken));
        response.Content = new StreamContent(content);
        _open.Add(content);
        Interlocked.Increment(ref _watches);
        return response;
    }

    /// <summary>
    /// Its token source is not disposed: a test may break a stream that the operator has let go already.
    /// </summary>
#pragma warning disable CA1001 // Said above.
    private sealed class BreakableContent(Stream inner) : Stream
#pragma warning restore CA1001
    {
        private readonly CancellationTokenSource _broken = new();

        public bool IsDisposed { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Break() => _broken.Cancel();

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _broken.Token);
            try
            {
                return await inner.ReadAsync(buffer, either.Token);
            }
            catch (OperationCanceledException e) when (_broken.IsCancellationRequested)
            {
                throw new IOException("The connection was reset.", e);
            }
        }

        public override Task<int> ReadAsync(
            byte[] buffer,
            int offset,
            int count,
            CancellationToken cancellationToken
        ) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                IsDisposed = true;
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
