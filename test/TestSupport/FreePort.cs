using System.Net;
using System.Net.Sockets;

namespace Granary.TestSupport;

/// <summary>Addresses on the loopback range that nobody listens on.</summary>
public static class FreePort
{
    /// <summary>A TCP port on <paramref name="address"/> that was free a moment ago.</summary>
    public static int Next(string address = "127.0.0.1")
    {
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A loopback address of its own, so that a server can use its usual port.</summary>
    public static string NextAddress() =>
        $"127.{Random.Shared.Next(16, 64)}.{Random.Shared.Next(0, 256)}.{Random.Shared.Next(1, 255)}";
}
