namespace Granary.Worker.Postgres.Connecting;

/// <summary>What an AppBinding and its Secrets say about a server, before it is judged.</summary>
internal sealed record ConnectionFacts
{
    /// <summary>Namespace and name of the AppBinding, for messages.</summary>
    public required string Source { get; init; }

    /// <summary>Host name behind <c>clientConfig.service</c>; wins over <see cref="Url"/>.</summary>
    public string? ServiceHost { get; init; }

    /// <summary>Port of <c>clientConfig.service</c>; 0 stands for PostgreSQL's own.</summary>
    public int ServicePort { get; init; }

    /// <summary><c>clientConfig.service.query</c>: <c>sslmode=value</c>.</summary>
    public string? ServiceQuery { get; init; }

    /// <summary><c>clientConfig.url</c>.</summary>
    public string? Url { get; init; }

    /// <summary><c>clientConfig.caBundle</c>, decoded: certificates in PEM.</summary>
    public ReadOnlyMemory<byte> CaBundle { get; init; }

    /// <summary>
    /// The data of <c>spec.secret</c> after <c>spec.secretTransforms</c>; null where the AppBinding names none.
    /// </summary>
    public IReadOnlyDictionary<string, byte[]>? Credentials { get; init; }

    /// <summary>The data of <c>spec.tlsSecret</c>; null where the AppBinding names none.</summary>
    public IReadOnlyDictionary<string, byte[]>? Tls { get; init; }

    /// <summary>The Task's parameter <c>user</c>.</summary>
    public string? User { get; init; }
}
