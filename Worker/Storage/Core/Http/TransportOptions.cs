namespace Granary.Storage.Http;

/// <summary>How connections are made and watched, the same for every store that is reached by HTTP.</summary>
public sealed record TransportOptions
{
    /// <summary>
    /// Certificates in PEM form that are trusted in addition to the system's. The key <c>CA_CERT_DATA</c>.
    /// </summary>
    public string? CaCertificate { get; init; }

    /// <summary>
    /// Accept any server certificate. For tests and emergencies: an attacker on the way can then read credentials.
    /// </summary>
    public bool InsecureTls { get; init; }

    /// <summary>The longest wait for a connection, TLS included. Default: 30 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A request that moves no byte for this long is given up and counts as a passing fault. Default: 5 minutes.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
