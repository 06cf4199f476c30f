using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Granary.Storage.Http;
using Granary.Storage.Layouts;

namespace Granary.Storage.S3;

/// <summary>A repository in an S3 bucket.</summary>
/// <remarks>
/// Objects appear whole. Create-only uses <c>If-None-Match: *</c>; where a store answers that it does not implement it,
/// the name is looked up first. The SDK's own retries are off. Source: repository format, "Backend contracts".
/// </remarks>
public sealed class S3Backend : IBackend
{
    private readonly S3Options _options;
    private readonly S3Endpoint _endpoint;
    private readonly ObjectNames _names;
    private readonly S3Errors _errors;
    private readonly S3Connection _connection;
    private volatile bool _ignoresConditions;

    private S3Backend(S3Options options, S3Endpoint endpoint, TimeProvider time)
    {
        _options = options;
        _endpoint = endpoint;
        _names = new ObjectNames(options.Prefix, $"s3:{options.Bucket}");
        Location = $"s3:{endpoint.Url.GetLeftPart(UriPartial.Authority)}/{options.Bucket}/{_names.Folder}".TrimEnd('/');
        _errors = new S3Errors(
            Location,
            [.. new[] { options.AccessKeyId, options.SecretAccessKey, options.SessionToken }.OfType<Secret>()]
        );
        Credentials.RequireHeaders(
            Location,
            ("AWS_ACCESS_KEY_ID", options.AccessKeyId?.Reveal()),
            ("AWS_SESSION_TOKEN", options.SessionToken?.Reveal())
        );
        Credentials.RequireText(Location, ("AWS_SECRET_ACCESS_KEY", options.SecretAccessKey?.Reveal()));
        _connection = new S3Connection(options, endpoint, _errors, Location, time);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public int Connections => _options.Connections;

    /// <summary>Makes the backend; sends nothing yet.</summary>
    /// <exception cref="StorageException">
    /// <see cref="StorageError.Invalid"/>: endpoint, bucket or certificate cannot work.
    /// </exception>
    public static S3Backend Create(S3Options options, TimeProvider time)
    {
        var endpoint = S3Endpoint.Parse(options.Endpoint);
        if (string.IsNullOrWhiteSpace(options.Bucket) || options.Bucket.Contains('/'))
        {
            throw new StorageException(
                StorageError.Invalid,
                $"s3:{endpoint.Url}",
                null,
                $"'{options.Bucket}' is not a bucket's name"
            );
        }

        return options.AccessKeyId is null == options.SecretAccessKey is null
            ? new S3Backend(options, endpoint, time)
            : throw new StorageException(
                StorageError.AccessDenied,
                $"s3:{endpoint.Url}",
                null,
                "an access key needs both its id and its secret"
            );
    }

    /// <inheritdoc/>
    public Task PrepareAsync(CancellationToken cancellationToken) =>
        _connection.RunAsync(
            null,
            async client =>
            {
                try
                {
                    await client.HeadBucketAsync(
                        new HeadBucketRequest { BucketName = _options.Bucket },
                        cancellationToken
                    );
                }
                catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.Forbidden)
                {
                    // Keys that may touch objects only cannot look at the bucket. If they are wrong, the first save
                    // says so.
                }
                catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
                {
                    await CreateBucketAsync(client, cancellationToken);
                }
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task SaveAsync(FileHandle handle, Stream content, SaveMode mode, CancellationToken cancellationToken)
    {
        var key = _names.NameOf(handle);
        return _connection.RunAsync(
            handle,
            async client =>
            {
                var uploader = new S3Uploader(client, _options, _endpoint.Url.Scheme == Uri.UriSchemeHttps);
                var createOnly = mode == SaveMode.CreateOnly;
                if (createOnly && !_ignoresConditions)
                {
                    try
                    {
                        await uploader.UploadAsync(key, handle.Kind, content, onlyIfAbsent: true, cancellationToken);
                        return;
                    }
                    catch (AmazonS3Exception e)
                        when (e.StatusCode == HttpStatusCode.NotImplemented || e.ErrorCode == "NotImplemented")
                    {
                        _ignoresConditions = true;
                    }
                }

                if (createOnly && await LookUpAsync(client, handle, cancellationToken) is not null)
                {
                    throw new StorageException(StorageError.AlreadyExists, Location, handle, "the object exists");
                }

                await uploader.UploadAsync(key, handle.Kind, content, onlyIfAbsent: false, cancellationToken);
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task ReadAsync(FileHandle handle, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var key = _names.NameOf(handle);
        return _connection.RunAsync(
            handle,
            async client =>
            {
                if (destination.IsEmpty)
                {
                    // HTTP has no empty range.
                    var size = await LookUpAsync(client, handle, cancellationToken);
                    return size is null ? throw Missing(handle)
                        : offset <= size ? true
                        : throw Truncated(handle, $"it has {size} bytes, but {offset} was asked for");
                }

                var range = new ByteRange(offset, offset + destination.Length - 1);
                using var response = await client.GetObjectAsync(
                    new GetObjectRequest
                    {
                        BucketName = _options.Bucket,
                        Key = key,
                        ByteRange = range,
                    },
                    cancellationToken
                );
                if (response.HttpStatusCode != HttpStatusCode.PartialContent && offset > 0)
                {
                    throw new StorageException(
                        StorageError.Invalid,
                        Location,
                        handle,
                        "the store does not know ranged reads"
                    );
                }

                await using var body = response.ResponseStream;
                var read = await body.ReadAtLeastAsync(
                    destination,
                    destination.Length,
                    throwOnEndOfStream: false,
                    cancellationToken
                );
                return read == destination.Length
                    ? true
                    : throw Truncated(
                        handle,
                        $"{read} bytes came from {offset} on, but {destination.Length} were asked for"
                    );
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var key = _names.NameOf(handle);
        return _connection.RunAsync(
            handle,
            async client =>
            {
                using var response = await client.GetObjectAsync(
                    new GetObjectRequest { BucketName = _options.Bucket, Key = key },
                    cancellationToken
                );
                var content = new byte[response.ContentLength];
                await using var body = response.ResponseStream;
                await body.ReadExactlyAsync(content, cancellationToken);
                return content;
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<FileEntry> ListAsync(FileKind kind, CancellationToken cancellationToken) =>
        new S3Listing(_connection, _options, _names, _errors).ReadAsync(kind, cancellationToken);

    /// <inheritdoc/>
    public Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken) =>
        _connection.RunAsync(handle, client => LookUpAsync(client, handle, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var key = _names.NameOf(handle);
        return _connection.RunAsync(
            handle,
            async client =>
            {
                try
                {
                    await client.DeleteObjectAsync(_options.Bucket, key, cancellationToken);
                }
                catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
                {
                    // Some stores say that it was gone already.
                }
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Aborts unfinished uploads of this repository's files, not of others under the prefix. Keys that may not list
    /// them leave them to the bucket's own rules.
    /// </remarks>
    public Task<int> RemoveLeftoversAsync(CancellationToken cancellationToken) =>
        _connection.RunAsync(
            null,
            async client =>
            {
                var request = new ListMultipartUploadsRequest { BucketName = _options.Bucket, Prefix = _names.Prefix };
                try
                {
                    var removed = 0;
                    ListMultipartUploadsResponse page;
                    do
                    {
                        page = await client.ListMultipartUploadsAsync(request, cancellationToken);
                        foreach (var upload in (page.MultipartUploads ?? []).Where(upload => _names.Holds(upload.Key)))
                        {
                            await client.AbortMultipartUploadAsync(
                                _options.Bucket,
                                upload.Key,
                                upload.UploadId,
                                cancellationToken
                            );
                            removed++;
                        }

                        request.KeyMarker = page.NextKeyMarker;
                        request.UploadIdMarker = page.NextUploadIdMarker;
                    } while (page.IsTruncated == true);
                    return removed;
                }
                catch (AmazonS3Exception e)
                    when (e.StatusCode
                            is HttpStatusCode.Forbidden
                                or HttpStatusCode.NotFound
                                or HttpStatusCode.NotImplemented
                    )
                {
                    return 0;
                }
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<long?> LookUpAsync(AmazonS3Client client, FileHandle handle, CancellationToken cancellationToken)
    {
        var key = _names.NameOf(handle);
        try
        {
            return (await client.GetObjectMetadataAsync(_options.Bucket, key, cancellationToken)).ContentLength;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest)
        {
            // A reply to HEAD has no body, so it cannot say why. Asking for the object itself makes the store explain.
            using var explained = await client.GetObjectAsync(_options.Bucket, key, cancellationToken);
            throw;
        }
    }

    private async Task CreateBucketAsync(AmazonS3Client client, CancellationToken cancellationToken)
    {
        try
        {
            // The SDK derives the constraint from the region of AWS hosts only; other stores refuse a request that
            // names none.
            await client.PutBucketAsync(
                _options.Region is { Length: > 0 } region and not BucketRegion.Default
                    ? new PutBucketRequest
                    {
                        BucketName = _options.Bucket,
                        PutBucketConfiguration = new() { LocationConstraint = region },
                    }
                    : new PutBucketRequest { BucketName = _options.Bucket, UseClientRegion = true },
                cancellationToken
            );
        }
        catch (AmazonS3Exception e) when (e.ErrorCode is "BucketAlreadyOwnedByYou")
        {
            // Another worker was first.
        }
    }

    private StorageException Missing(FileHandle handle) =>
        new(StorageError.NotFound, Location, handle, "there is no such object");

    private StorageException Truncated(FileHandle handle, string message) =>
        new(StorageError.Truncated, Location, handle, message);
}
