using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Granary.TestSupport.Servers;

/// <summary>A TCP proxy in front of a server, so that a test can cut and mend the line while the server keeps its data.</summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private readonly IPEndPoint _listen;
    private readonly IPEndPoint _target;
    private readonly ConcurrentDictionary<TcpClient, byte> _open = new();
    private readonly CancellationTokenSource _stopping = new();
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private long _uploaded;

    private FaultyProxy(IPEndPoint listen, IPEndPoint target)
    {
        _listen = listen;
        _target = target;
    }

    /// <summary>The port that clients use.</summary>
    public int Port => _listen.Port;

    /// <summary>Bytes that clients have sent through since the start.</summary>
    public long Uploaded => Interlocked.Read(ref _uploaded);

    /// <summary>Starts a proxy from one loopback address to another.</summary>
    public static FaultyProxy Start(string listenAddress, int listenPort, string targetAddress, int targetPort)
    {
        int port = listenPort == 0 ? FreePort.Next(listenAddress) : listenPort;
        var proxy = new FaultyProxy(new IPEndPoint(IPAddress.Parse(listenAddress), port), new IPEndPoint(IPAddress.Parse(targetAddress), targetPort));
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
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or OperationCanceledException)
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
            Task up = PumpAsync(client.GetStream(), server.GetStream(), bytes => Interlocked.Add(ref _uploaded, bytes));
            Task down = PumpAsync(server.GetStream(), client.GetStream(), _ => { });
            await Task.WhenAny(up, down);
        }
        catch (Exception fault) when (fault is SocketException or IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
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

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Action<int> count)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, _stopping.Token)) > 0)
            {
                count(read);
                await to.WriteAsync(buffer.AsMemory(0, read), _stopping.Token);
            }
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection was cut.
        }
    }
}
