using Granary.Storage.Http;

namespace Granary.Storage.B2;

/// <summary>A bucket of Backblaze B2.</summary>
public sealed record B2Options
{
    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The repository's prefix in the bucket; slashes at its ends are harmless.</summary>
    public string? Prefix { get; init; }

    /// <summary>
    /// The id of an application key (<c>B2_ACCOUNT_ID</c>). The account's master key does not work: B2 refuses it on
    /// the interface that is used here.
    /// </summary>
    public required Secret AccountId { get; init; }

    /// <summary>The application key (<c>B2_ACCOUNT_KEY</c>).</summary>
    public required Secret AccountKey { get; init; }

    /// <summary>
    /// Where an account learns which cluster it lives on. Default: <c>https://api.backblazeb2.com</c>.
    /// </summary>
    public string AuthorizationEndpoint { get; init; } = "https://api.backblazeb2.com";

    /// <summary>Operations at once. Default: 5.</summary>
    public int Connections { get; init; } = 5;

    /// <summary>Trust and time limits.</summary>
    public TransportOptions Transport { get; init; } = new();
}
