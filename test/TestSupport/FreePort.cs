using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Granary.TestSupport;

/// <summary>Addresses on the loopback range that nobody listens on.</summary>
/// <remarks>
/// A port is given to a server some time before that binds it, and a server that is stopped leaves it for a while.
/// Ports of the range that the system itself gives to clients and to listeners without a wish may be gone by then; so
/// these lie below it. A socket with a name that stands for the port, which goes with the process, keeps the test
/// programs beside this one from giving out the same.
/// </remarks>
public static class FreePort
{
    private const int First = 15_000;
    private static readonly int Last = FirstOfSystem() - 1;
    private static readonly List<Socket> Claimed = [];
    private static readonly Lock Lock = new();
    private static int s_next = First + (Environment.ProcessId * 37 % (Last - First));

    /// <summary>
    /// A TCP port on <paramref name="address"/> that is free, and that nobody else is given while this process lives.
    /// </summary>
    public static int Next(string address = "127.0.0.1")
    {
        lock (Lock)
        {
            for (int tries = 0; tries <= Last - First; tries++)
            {
                s_next = s_next < Last ? s_next + 1 : First;
                if (TryClaim(s_next) is { } claim)
                {
                    if (IsFree(address, s_next))
                    {
                        Claimed.Add(claim);
                        return s_next;
                    }

                    claim.Dispose();
                }
            }
        }

        throw new InvalidOperationException($"No port from {First} to {Last} is free on {address}.");
    }

    /// <summary>A loopback address of its own, so that a server can use its usual port.</summary>
    public static string NextAddress() =>
        $"127.{Random.Shared.Next(16, 64)}.{Random.Shared.Next(0, 256)}.{Random.Shared.Next(1, 255)}";

    private static Socket? TryClaim(int port)
    {
        var claim = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // A name that begins with NUL is in no folder.
            claim.Bind(new UnixDomainSocketEndPoint($"\0granary-test-port-{port}"));
            return claim;
        }
        catch (SocketException)
        {
            claim.Dispose();
            return null;
        }
    }

    private static bool IsFree(string address, int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Parse(address), port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FirstOfSystem()
    {
        const string Range = "/proc/sys/net/ipv4/ip_local_port_range";
        int first = File.Exists(Range)
            ? int.Parse(File.ReadAllText(Range).Split('\t', ' ')[0], CultureInfo.InvariantCulture)
            : 0;
        return first > First + 1000 ? first : 32_768;
    }
}
