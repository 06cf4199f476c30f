using Granary.Storage.Http;

namespace Granary.Storage.Swift;

/// <summary>A container of OpenStack Swift.</summary>
public sealed record SwiftOptions
{
    /// <summary>The container.</summary>
    public required string Container { get; init; }

    /// <summary>The repository's prefix in the container; slashes at its ends are harmless.</summary>
    public string? Prefix { get; init; }

    /// <summary>The user that asks, and where.</summary>
    public required SwiftIdentity Identity { get; init; }

    /// <summary>Names asked for in one request when listing. Default: 1000.</summary>
    public int ListPageSize { get; init; } = 1000;

    /// <summary>Operations at once. Default: 5.</summary>
    public int Connections { get; init; } = 5;

    /// <summary>Trust and time limits.</summary>
    public TransportOptions Transport { get; init; } = new();
}
