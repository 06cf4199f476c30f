using System.Net;

namespace Granary.DevCluster.Api;

/// <summary>How an API server is run.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Address to listen on. Default: loopback only.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Port to listen on; 0, the default, takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Bearer token of the administrator; a random one when null.</summary>
    public string? AdminToken { get; init; }

    /// <summary>
    /// How many changes of each resource a watch can go back, at least; older versions answer 410. Default 5000.
    /// </summary>
    public int WatchWindow { get; init; } = 5000;

    /// <summary>Where times in objects and tokens come from.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Receives failures of the server itself; nothing when null.</summary>
    public ILoggerFactory? Logging { get; init; }
}
