using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Granary.TestSupport.Servers;

/// <summary>What becomes of a connection.</summary>
public enum LineFault
{
    /// <summary>It is closed in an orderly way, but too early.</summary>
    Close,

    /// <summary>It is reset.</summary>
    Reset,

    /// <summary>It stays open, and nothing moves any more.</summary>
    Stall,
}

/// <summary>
/// A TCP proxy in front of a server, so that a test can cut and mend the line while the server keeps its data.
/// </summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private readonly IPEndPoint _listen;
    private readonly IPEndPoint _target;
    private readonly ConcurrentDictionary<TcpClient, byte> _open = new();
    private readonly CancellationTokenSource _stopping = new();
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private long _uploaded;
    private volatile PlannedFault? _planned;

    private FaultyProxy(IPEndPoint listen, IPEndPoint target)
    {
        _listen = listen;
        _target = target;
    }

    /// <summary>The port that clients use.</summary>
    public int Port => _listen.Port;

    /// <summary>Bytes that clients have sent through since the start.</summary>
    public long Uploaded => Interlocked.Read(ref _uploaded);

    /// <summary>Whether the fault of <see cref="BreakAfter"/> is still to come.</summary>
    public bool IsFaultAhead => _planned is not null;

    /// <summary>Starts a proxy from one loopback address to another.</summary>
    public static FaultyProxy Start(string listenAddress, int listenPort, string targetAddress, int targetPort)
    {
        int port = listenPort == 0 ? FreePort.Next(listenAddress) : listenPort;
        var proxy = new FaultyProxy(
            new IPEndPoint(IPAddress.Parse(listenAddress), port),
            new IPEndPoint(IPAddress.Parse(targetAddress), targetPort)
        );
        proxy.Mend();
        return proxy;
    }

    /// <summary>Drops every connection and refuses new ones, as a stopped server does.</summary>
    public void Cut()
    {
        Interlocked.Exchange(ref _listener, null)?.Stop();
        foreach (TcpClient client in _open.Keys)
        {
            // Null once the other side of the pump has disposed of it.
            client.Client?.Close(0);
        }
    }

    /// <summary>Breaks the connection on which so many bytes from now on have passed in one direction; once.</summary>
    public void BreakAfter(bool isUpload, long bytes, LineFault fault) =>
        _planned = new PlannedFault(isUpload, fault, bytes);

    /// <summary>Accepts connections again.</summary>
    public void Mend()
    {
        var listener = new TcpListener(_listen);
        listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Start();
        _listener = listener;
        _accepting = AcceptAsync(listener);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Cut();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync(_stopping.Token);
                serving.RemoveAll(task => task.IsCompleted);
                serving.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The listener was stopped: a cut or the end.
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        try
        {
            _open.TryAdd(client, 0);
            _open.TryAdd(server, 0);
            await server.ConnectAsync(_target, _stopping.Token);
            Task up = PumpAsync(client, server, isUpload: true);
            Task down = PumpAsync(server, client, isUpload: false);
            await Task.WhenAny(up, down);
        }
        catch (Exception e)
            when (e
                    is SocketException
                        or IOException
                        or ObjectDisposedException
                        or OperationCanceledException
                        or InvalidOperationException
            )
        {
            // One end went away; so does the other, below.
        }
        finally
        {
            _open.TryRemove(client, out _);
            _open.TryRemove(server, out _);
            client.Dispose();
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool isUpload)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.GetStream().ReadAsync(buffer, _stopping.Token)) > 0)
            {
                if (isUpload)
                {
                    Interlocked.Add(ref _uploaded, read);
                }

                if (
                    _planned is { } planned
                    && planned.IsDue(isUpload, read)
                    && Interlocked.CompareExchange(ref _planned, null, planned) == planned
                )
                {
                    await BreakAsync(planned.Fault, isUpload ? from : to);
                    return;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stopping.Token);
            }
        }
        catch (Exception e)
            when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException
            )
        {
            // The connection was cut.
        }
    }

    /// <summary>Does it to the client's connection; the server's follows when this pump ends.</summary>
    private async Task BreakAsync(LineFault fault, TcpClient client)
    {
        if (fault == LineFault.Stall)
        {
            await Task.Delay(Timeout.Infinite, _stopping.Token);
        }

        client.LingerState = new LingerOption(fault == LineFault.Reset, 0);
        client.Close();
    }

    private sealed class PlannedFault(bool isUpload, LineFault fault, long bytes)
    {
        private long _left = bytes;

        public LineFault Fault => fault;

        public bool IsDue(bool isUploaded, int count) =>
            isUploaded == isUpload && Interlocked.Add(ref _left, -count) < 0;
    }
}
