using Granary.Storage;

namespace Granary.Access;

/// <summary>How a store is used, beyond its location and its credentials.</summary>
public sealed record BackendTuning
{
    /// <summary>Bytes per second upwards, over all connections. Default: no limit.</summary>
    public ByteSize? UploadPerSecond { get; init; }

    /// <summary>Bytes per second downwards, over all connections. Default: no limit.</summary>
    public ByteSize? DownloadPerSecond { get; init; }

    /// <summary>Whether an S3 bucket is named in the path. Default: yes, except at AWS.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>Storage class of new objects in S3. Default: the bucket's.</summary>
    public string? StorageClass { get; init; }

    /// <summary>Encryption by S3: <c>AES256</c> or <c>aws:kms</c>. Default: as the bucket says.</summary>
    public string? ServerSideEncryption { get; init; }

    /// <summary>The key for <c>aws:kms</c>. Default: the account's.</summary>
    public string? KmsKeyId { get; init; }
}
