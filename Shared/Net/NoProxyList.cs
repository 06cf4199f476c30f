using System.Globalization;
using System.Net;

namespace Granary.Net;

/// <summary>
/// The destinations that are reached without a proxy: <c>NO_PROXY</c> as Go, curl and restic read it.
/// </summary>
/// <remarks>
/// <para>Shape: entries between commas, white space and case ignored. An entry is one of</para>
/// <list type="bullet">
/// <item><c>*</c>: everything.</item>
/// <item><c>10.0.0.0/8</c>, <c>fd00::/8</c>: hosts that are addresses of this network.</item>
/// <item><c>10.1.2.3</c>, <c>[fd00::1]:9000</c>: this address, with a port on that port only.</item>
/// <item><c>lab.internal</c>: this name and the names below it, with <c>:9000</c> on that port only.</item>
/// <item><c>.lab.internal</c>, <c>*.lab.internal</c>: the names below it.</item>
/// </list>
/// <para>localhost and loopback addresses never go by a proxy. Names are not resolved: only a host that is an address
/// is compared with networks. Source: golang.org/x/net/http/httpproxy, on which restic and kubectl stand.</para>
/// </remarks>
public sealed class NoProxyList
{
    private static readonly IdnMapping Punycode = new();

    private readonly bool _everything;
    private readonly List<IPNetwork> _networks = [];
    private readonly List<(IPAddress Address, int? Port)> _addresses = [];
    private readonly List<(string Suffix, bool IsNameItself, int? Port)> _names = [];

    private NoProxyList(string text)
    {
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry == "*")
            {
                _everything = true;
            }
            else if (entry.Contains('/') && Network(entry) is { } network)
            {
                _networks.Add(network);
            }
            else
            {
                AddHost(entry);
            }
        }
    }

    /// <summary>Reads the variable's value. An entry that is none of the forms matches nothing.</summary>
    public static NoProxyList Parse(string? text) => new(text ?? "");

    /// <summary>Whether a destination is reached directly.</summary>
    /// <param name="host">A name or an address, without brackets.</param>
    /// <param name="port">The port, given or the scheme's own.</param>
    public bool Contains(string host, int port)
    {
        host = Ascii(host.TrimEnd('.'));
        if (host == "localhost")
        {
            return true;
        }

        if (IPAddress.TryParse(host, out var address))
        {
            address = Plain(address);
            return IPAddress.IsLoopback(address)
                || _everything
                || _networks.Exists(network => network.Contains(address))
                || _addresses.Exists(entry => entry.Address.Equals(address) && (entry.Port ?? port) == port);
        }

        return _everything || _names.Exists(entry => Fits(entry, host, port));
    }

    private static bool Fits((string Suffix, bool IsNameItself, int? Port) entry, string host, int port) =>
        (entry.Port ?? port) == port
        && (
            host.EndsWith(entry.Suffix, StringComparison.Ordinal)
            || (entry.IsNameItself && host.AsSpan().SequenceEqual(entry.Suffix.AsSpan(1)))
        );

    private void AddHost(string entry)
    {
        var (host, port) = SplitPort(entry);
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
        {
            _addresses.Add((Plain(address), port));
            return;
        }

        if (host.StartsWith("*.", StringComparison.Ordinal))
        {
            host = host[1..];
        }

        if (host.Length > 0)
        {
            var isNameItself = host[0] != '.';
            _names.Add((isNameItself ? $".{Ascii(host)}" : Ascii(host), isNameItself, port));
        }
    }

    /// <summary>An address with several colons has no port unless it stands in brackets.</summary>
    private static (string Host, int? Port) SplitPort(string entry)
    {
        var colon = entry.LastIndexOf(':');
        var isPort =
            colon >= 0
            && (entry.IndexOf(':') == colon || entry[colon - 1] == ']')
            && ushort.TryParse(entry.AsSpan(colon + 1), CultureInfo.InvariantCulture, out _);
        return isPort
            ? (entry[..colon], int.Parse(entry.AsSpan(colon + 1), CultureInfo.InvariantCulture))
            : (entry, null);
    }

    /// <summary>
    /// Unlike <see cref="IPNetwork"/>, people write networks with bits behind the prefix: 10.1.2.3/8.
    /// </summary>
    private static IPNetwork? Network(string entry)
    {
        var parts = entry.Split('/');
        if (
            parts.Length != 2
            || !IPAddress.TryParse(parts[0], out var address)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > address.GetAddressBytes().Length * 8
        )
        {
            return null;
        }

        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(bytes), length);
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static string Ascii(string host)
    {
        try
        {
            return Punycode.GetAscii(host).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            // No name that could be looked up; compared as it is.
            return host.ToLowerInvariant();
        }
    }
}
