using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Granary.TestSupport.StandIns;

/// <summary>
/// A proxy that leads the names of real services to servers on loopback, for programs that take no other address.
/// </summary>
/// <remarks>
/// It only passes bytes on; the servers need certificates for those names, by an authority that the program trusts.
/// </remarks>
public sealed class TunnelProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, Uri> _routes;
    private readonly Task _accepting;

    private TunnelProxy(Dictionary<string, Uri> routes)
    {
        _routes = routes;
        _listener.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync();
    }

    /// <summary>The proxy's address.</summary>
    public string Url { get; }

    /// <summary>Starts it.</summary>
    /// <param name="routes">The server's address for each name.</param>
    public static TunnelProxy Start(params (string Name, string Url)[] routes) =>
        new(routes.ToDictionary(route => route.Name, route => new Uri(route.Url), StringComparer.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
                serving.RemoveAll(task => task.IsCompleted);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                var host = (await HeadAsync(client.GetStream())).Split(' ', ':') is ["CONNECT", var name, ..]
                    ? name
                    : "";
                if (!_routes.TryGetValue(host, out var route))
                {
                    await client
                        .GetStream()
                        .WriteAsync(
                            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"u8.ToArray(),
                            _stopping.Token
                        );
                    return;
                }

                await server.ConnectAsync(route.Host, route.Port, _stopping.Token);
                await client.GetStream().WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), _stopping.Token);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(server.GetStream(), _stopping.Token),
                    server.GetStream().CopyToAsync(client.GetStream(), _stopping.Token)
                );
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One side went away; so does the other.
            }
        }
    }

    private async Task<string> HeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (
            !head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await stream.ReadAsync(one, _stopping.Token) > 0
        )
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
