using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Common;

/// <summary>Where a repository is stored: one block, plus the Secret with its credentials.</summary>
public sealed partial class Backend
{
    /// <summary>Secret in the Repository's namespace with <c>RESTIC_PASSWORD</c> and the provider's keys.</summary>
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string? StorageSecretName { get; set; }

    /// <summary>A volume.</summary>
    public LocalBackend? Local { get; set; }

    /// <summary>Amazon S3 or a service with its API.</summary>
    public S3Backend? S3 { get; set; }

    /// <summary>Google Cloud Storage.</summary>
    public GcsBackend? Gcs { get; set; }

    /// <summary>Azure Blob Storage.</summary>
    public AzureBackend? Azure { get; set; }

    /// <summary>OpenStack Swift.</summary>
    public SwiftBackend? Swift { get; set; }

    /// <summary>Backblaze B2.</summary>
    public B2Backend? B2 { get; set; }

    /// <summary>A restic REST server.</summary>
    public RestBackend? Rest { get; set; }
}

/// <summary>A bucket of Amazon S3 or of a service with its API.</summary>
public sealed class S3Backend
{
    /// <summary>
    /// Host or URL of the service, such as <c>s3.amazonaws.com</c> or <c>http://minio.storage.svc:9000</c>.
    /// </summary>
    [Required]
    public string Endpoint { get; set; } = string.Empty;

    /// <summary>Name of the bucket.</summary>
    [Required]
    public string Bucket { get; set; } = string.Empty;

    /// <summary>Folder in the bucket; a leading slash changes nothing.</summary>
    public string? Prefix { get; set; }

    /// <summary>Region of the bucket.</summary>
    public string? Region { get; set; }

    /// <summary>Whether the server's certificate is accepted unverified.</summary>
    public bool InsecureTLS { get; set; }
}

/// <summary>A bucket of Google Cloud Storage.</summary>
public sealed class GcsBackend
{
    /// <summary>Name of the bucket.</summary>
    [Required]
    public string Bucket { get; set; } = string.Empty;

    /// <summary>Folder in the bucket.</summary>
    public string? Prefix { get; set; }

    /// <summary>The most connections at one time; 0 for the default.</summary>
    public long? MaxConnections { get; set; }
}

/// <summary>A container of Azure Blob Storage.</summary>
public sealed class AzureBackend
{
    /// <summary>Name of the container.</summary>
    [Required]
    public string Container { get; set; } = string.Empty;

    /// <summary>Folder in the container.</summary>
    public string? Prefix { get; set; }

    /// <summary>The most connections at one time; 0 for the default.</summary>
    public long? MaxConnections { get; set; }
}

/// <summary>A container of OpenStack Swift.</summary>
public sealed class SwiftBackend
{
    /// <summary>Name of the container.</summary>
    [Required]
    public string Container { get; set; } = string.Empty;

    /// <summary>Folder in the container.</summary>
    public string? Prefix { get; set; }
}

/// <summary>A bucket of Backblaze B2.</summary>
public sealed class B2Backend
{
    /// <summary>Name of the bucket.</summary>
    [Required]
    public string Bucket { get; set; } = string.Empty;

    /// <summary>Folder in the bucket.</summary>
    public string? Prefix { get; set; }

    /// <summary>The most connections at one time; 0 for the default.</summary>
    public long? MaxConnections { get; set; }
}

/// <summary>A restic REST server.</summary>
public sealed class RestBackend
{
    /// <summary>URL of the server; its path is the repository's folder.</summary>
    public string? Url { get; set; }
}
