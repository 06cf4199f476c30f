using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Granary.Storage.Layouts;

namespace Granary.Storage.S3;

/// <summary>Lists files, page by page, and believes no answer that would hide some.</summary>
internal sealed class S3Listing(S3Connection connection, S3Options options, ObjectNames names, S3Errors errors)
{
    /// <inheritdoc cref="IBackend.ListAsync"/>
    public async IAsyncEnumerable<FileEntry> ReadAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var request = new ListObjectsV2Request
        {
            BucketName = options.Bucket,
            Prefix = names.PrefixOf(kind),
            MaxKeys = options.ListPageSize,
        };
        do
        {
            var page = await connection.RunAsync(
                null,
                client => ListPageAsync(client, request, cancellationToken),
                cancellationToken
            );
            if (
                page.IsTruncated == true
                && (
                    string.IsNullOrEmpty(page.NextContinuationToken)
                    || page.NextContinuationToken == request.ContinuationToken
                )
            )
            {
                // Ending here would hide files, and a prune by such a listing deletes live data.
                throw new StorageException(
                    StorageError.Invalid,
                    errors.Location,
                    null,
                    "the store says that its listing goes on, but not where"
                );
            }

            foreach (var item in page.S3Objects ?? [])
            {
                if (names.EntryFor(kind, item.Key, item.Size ?? 0) is { } entry)
                {
                    yield return entry;
                }
            }

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        } while (request.ContinuationToken is not null);
    }

    private async Task<ListObjectsV2Response> ListPageAsync(
        AmazonS3Client client,
        ListObjectsV2Request request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var page = await client.ListObjectsV2Async(request, cancellationToken);
            return page is { Name: null, KeyCount: null, S3Objects: null or [] }
                ? throw new StorageException(
                    StorageError.Transient,
                    errors.Location,
                    null,
                    "the listing was answered with something else"
                )
                : page;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchBucket" && request.ContinuationToken is null)
        {
            return new ListObjectsV2Response();
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // Not the store's word that there is no bucket (a proxy's, most likely), or in the middle of a listing.
            // Taking it for the end would hide files, and a prune by such a listing deletes live data.
            throw new StorageException(
                StorageError.Transient,
                errors.Location,
                null,
                $"the listing was answered with 'not found': {errors.Describe(e)}",
                e
            );
        }
    }
}
