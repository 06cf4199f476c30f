using Granary.Storage.Http;

namespace Granary.Storage.Gcs;

/// <summary>A bucket of Google Cloud Storage.</summary>
public sealed record GcsOptions
{
    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The repository's prefix in the bucket; slashes at its ends are harmless.</summary>
    public string? Prefix { get; init; }

    /// <summary>The project that a missing bucket is created in. Without one a missing bucket is an error.</summary>
    public string? ProjectId { get; init; }

    /// <summary>
    /// The service account's key as Google's JSON. Without one the ambient identity is used:
    /// <c>GOOGLE_APPLICATION_CREDENTIALS</c> or workload identity.
    /// </summary>
    public Secret? ServiceAccountKey { get; init; }

    /// <summary>The storage class of new objects. Default: the bucket's.</summary>
    public string? StorageClass { get; init; }

    /// <summary>The address of the JSON API. Default: <c>https://storage.googleapis.com</c>.</summary>
    public string Endpoint { get; init; } = "https://storage.googleapis.com";

    /// <summary>Names asked for in one request when listing. Default: 1000, the most that the API gives.</summary>
    public int ListPageSize { get; init; } = 1000;

    /// <summary>Operations at once. Default: 5.</summary>
    public int Connections { get; init; } = 5;

    /// <summary>Trust and time limits.</summary>
    public TransportOptions Transport { get; init; } = new();
}
