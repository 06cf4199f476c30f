using System.Security.Cryptography;

namespace Granary.DevCluster.Nodes.Network;

/// <summary>Addresses of one loopback network, one for each Pod.</summary>
internal sealed class AddressPool(string? network)
{
    private readonly Lock _lock = new();
    private readonly HashSet<int> _used = [];
    private int _last = 1;

    /// <summary>The first three numbers of every address.</summary>
    public string Network { get; } =
        network ?? $"127.{RandomNumberGenerator.GetInt32(16, 250)}.{RandomNumberGenerator.GetInt32(1, 255)}";

    /// <summary>The node's own address.</summary>
    public string Node => $"{Network}.1";

    /// <summary>An address that nobody has; the least recently given ones come last.</summary>
    /// <exception cref="InvalidOperationException">All are taken.</exception>
    public string Take()
    {
        lock (_lock)
        {
            for (var tries = 0; tries < 253; tries++)
            {
                _last = _last >= 254 ? 2 : _last + 1;
                if (_used.Add(_last))
                {
                    return $"{Network}.{_last}";
                }
            }

            throw new InvalidOperationException($"no address is left in {Network}.0/24");
        }
    }

    public void Give(string address)
    {
        lock (_lock)
        {
            _used.Remove(int.Parse(address[(address.LastIndexOf('.') + 1)..]));
        }
    }
}
