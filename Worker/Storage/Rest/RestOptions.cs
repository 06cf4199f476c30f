using Granary.Storage.Http;

namespace Granary.Storage.Rest;

/// <summary>A repository on a server that speaks restic's REST protocol.</summary>
public sealed record RestOptions
{
    /// <summary>
    /// The repository's address: <c>https://host:8000/path/</c>. A slash at the end is added; <c>rest:</c> in front is
    /// harmless. User and password may stand in it, percent-encoded.
    /// </summary>
    public required string Url { get; init; }

    /// <summary>The user, instead of one in the address.</summary>
    public string? UserName { get; init; }

    /// <summary>The password, instead of one in the address.</summary>
    public Secret? Password { get; init; }

    /// <summary>Operations at once. Default: 5.</summary>
    public int Connections { get; init; } = 5;

    /// <summary>Trust and time limits.</summary>
    public TransportOptions Transport { get; init; } = new();

    /// <summary>Without the address, in which a password may stand.</summary>
    public override string ToString() =>
        $"{nameof(RestOptions)} {{ UserName = {UserName}, Connections = {Connections} }}";
}
