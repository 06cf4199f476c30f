using System.Buffers;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace Granary.Storage.S3;

/// <summary>Writes one object, in one request or in parts. It appears whole or not at all either way.</summary>
internal sealed class S3Uploader(AmazonS3Client client, S3Options options, bool overTls)
{
    private static readonly HashSet<string> ArchiveClasses = new(StringComparer.OrdinalIgnoreCase)
    {
        "GLACIER",
        "DEEP_ARCHIVE",
    };

    /// <summary>Uploads content.</summary>
    /// <param name="key">The object's name.</param>
    /// <param name="kind">The kind of file, which decides on archive classes.</param>
    /// <param name="content">Read from its start, more than once.</param>
    /// <param name="onlyIfAbsent">Whether the store refuses a name that is taken (HTTP 412).</param>
    /// <param name="cancellationToken">Stops the upload.</param>
    public Task UploadAsync(
        string key,
        FileKind kind,
        Stream content,
        bool onlyIfAbsent,
        CancellationToken cancellationToken
    ) =>
        content.Length >= options.MultipartThreshold.Bytes
            ? UploadInPartsAsync(key, kind, content, onlyIfAbsent, cancellationToken)
            : UploadAtOnceAsync(key, kind, content, onlyIfAbsent, cancellationToken);

    private async Task UploadAtOnceAsync(
        string key,
        FileKind kind,
        Stream content,
        bool onlyIfAbsent,
        CancellationToken cancellationToken
    )
    {
        var request = new PutObjectRequest
        {
            BucketName = options.Bucket,
            Key = key,
            InputStream = content,
            AutoCloseStream = false,
            ContentType = "application/octet-stream",
            StorageClass = StorageClassFor(kind),
            ServerSideEncryptionMethod = options.ServerSideEncryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.KmsKeyId,
            UseChunkEncoding = options.ChecksumMode == S3ChecksumMode.Trailer,
            // TLS protects the bytes and the MD5 proves them; signing them too would cost another pass over each pack.
            DisablePayloadSigning = overTls && options.ChecksumMode == S3ChecksumMode.ContentMd5,
        };
        if (onlyIfAbsent)
        {
            request.IfNoneMatch = "*";
        }

        if (options.ChecksumMode == S3ChecksumMode.ContentMd5)
        {
            content.Position = 0;
            request.MD5Digest = Md5Of(content);
        }

        content.Position = 0;
        await client.PutObjectAsync(request, cancellationToken);
    }

    private async Task UploadInPartsAsync(
        string key,
        FileKind kind,
        Stream content,
        bool onlyIfAbsent,
        CancellationToken cancellationToken
    )
    {
        var upload = await client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest
            {
                BucketName = options.Bucket,
                Key = key,
                ContentType = "application/octet-stream",
                StorageClass = StorageClassFor(kind),
                ServerSideEncryptionMethod = options.ServerSideEncryption,
                ServerSideEncryptionKeyManagementServiceKeyId = options.KmsKeyId,
            },
            cancellationToken
        );
        try
        {
            var complete = new CompleteMultipartUploadRequest
            {
                BucketName = options.Bucket,
                Key = key,
                UploadId = upload.UploadId,
            };
            await UploadPartsAsync(complete, content, cancellationToken);
            if (onlyIfAbsent)
            {
                complete.IfNoneMatch = "*";
            }

            await client.CompleteMultipartUploadAsync(complete, cancellationToken);
        }
        catch
        {
            await AbortAsync(key, upload.UploadId);
            throw;
        }
    }

    private async Task UploadPartsAsync(
        CompleteMultipartUploadRequest complete,
        Stream content,
        CancellationToken cancellationToken
    )
    {
        content.Position = 0;
        var length = checked((int)options.PartSize.Bytes);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            for (var number = 1; content.Position < content.Length; number++)
            {
                var read = await content.ReadAtLeastAsync(
                    buffer.AsMemory(0, length),
                    length,
                    throwOnEndOfStream: false,
                    cancellationToken
                );
                using var part = new MemoryStream(buffer, 0, read, writable: false);
                var request = new UploadPartRequest
                {
                    BucketName = complete.BucketName,
                    Key = complete.Key,
                    UploadId = complete.UploadId,
                    PartNumber = number,
                    PartSize = read,
                    InputStream = part,
                    UseChunkEncoding = options.ChecksumMode == S3ChecksumMode.Trailer,
                    DisablePayloadSigning = overTls && options.ChecksumMode == S3ChecksumMode.ContentMd5,
                };
                if (options.ChecksumMode == S3ChecksumMode.ContentMd5)
                {
                    request.MD5Digest = Md5Of(part);
                    part.Position = 0;
                }

                complete.AddPartETags(await client.UploadPartAsync(request, cancellationToken));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task AbortAsync(string key, string uploadId)
    {
        try
        {
            // Not cancelled with the upload: parts that nobody completes or aborts stay invisible and are paid for.
            await client.AbortMultipartUploadAsync(options.Bucket, key, uploadId, CancellationToken.None);
        }
        catch (Exception e) when (S3Errors.IsTranslated(e, CancellationToken.None))
        {
            // The failure that led here is the one to report; parts that stay are removed with the leftovers.
        }
    }

    private S3StorageClass? StorageClassFor(FileKind kind) =>
        options.StorageClass is { Length: > 0 } name && (kind == FileKind.Pack || !ArchiveClasses.Contains(name))
            ? S3StorageClass.FindValue(name)
            : null;

#pragma warning disable CA5351 // Content-MD5 is what S3 checks uploads by: against accidents, not attackers.
    private static string Md5Of(Stream content) => Convert.ToBase64String(MD5.HashData(content));
#pragma warning restore CA5351
}
