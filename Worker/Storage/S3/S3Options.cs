using Granary.Storage.Http;

namespace Granary.Storage.S3;

/// <summary>An S3 bucket, or one of a store that speaks S3's language.</summary>
public sealed record S3Options
{
    /// <summary>
    /// Host or address, the scheme optional (https then): <c>s3.amazonaws.com</c>, <c>http://minio.demo:9000</c>.
    /// </summary>
    public required string Endpoint { get; init; }

    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The repository's prefix in the bucket; slashes at its ends are harmless.</summary>
    public string? Prefix { get; init; }

    /// <summary>
    /// The region. Default: taken from an AWS host's name, found out by asking <c>s3.amazonaws.com</c>, else
    /// <c>us-east-1</c>.
    /// </summary>
    public string? Region { get; init; }

    /// <summary>
    /// The access key's id. Without one the ambient identity is used: variables, web identity, container or instance
    /// role.
    /// </summary>
    public Secret? AccessKeyId { get; init; }

    /// <summary>The access key's secret.</summary>
    public Secret? SecretAccessKey { get; init; }

    /// <summary>The session's token, with temporary keys.</summary>
    public Secret? SessionToken { get; init; }

    /// <summary>Whether the bucket is named in the path and not in the host. Default: yes, except at AWS.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>
    /// The storage class of new objects. Archive classes (Glacier, Deep Archive) are given to packs only, as all else
    /// is read often.
    /// </summary>
    public string? StorageClass { get; init; }

    /// <summary>Encryption by the store: <c>AES256</c> or <c>aws:kms</c>. Default: as the bucket says.</summary>
    public string? ServerSideEncryption { get; init; }

    /// <summary>The key for <c>aws:kms</c>. Default: the account's.</summary>
    public string? KmsKeyId { get; init; }

    /// <summary>How uploads are protected on their way. Default: <see cref="S3ChecksumMode.ContentMd5"/>.</summary>
    public S3ChecksumMode ChecksumMode { get; init; }

    /// <summary>From this size on a file is uploaded in parts. Default: 64 MiB, which packs never reach.</summary>
    public ByteSize MultipartThreshold { get; init; } = ByteSize.FromMebibytes(64);

    /// <summary>
    /// The size of a part; S3 asks for 5 MiB at least. Default: 16 MiB, held in memory once for each upload.
    /// </summary>
    public ByteSize PartSize { get; init; } = ByteSize.FromMebibytes(16);

    /// <summary>Names asked for in one request when listing. Default: 1000, the most that S3 gives.</summary>
    public int ListPageSize { get; init; } = 1000;

    /// <summary>Operations at once. Default: 5.</summary>
    public int Connections { get; init; } = 5;

    /// <summary>Trust and time limits.</summary>
    public TransportOptions Transport { get; init; } = new();
}

/// <summary>How an upload proves that it arrived whole.</summary>
public enum S3ChecksumMode
{
    /// <summary>A Content-MD5 header, which every store knows.</summary>
    ContentMd5,

    /// <summary>
    /// A CRC32 trailer in chunked framing, AWS's newer way. A store that does not know it may keep the framing as
    /// content.
    /// </summary>
    Trailer,
}
