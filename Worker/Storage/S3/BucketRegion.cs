using Granary.Storage.Http;

namespace Granary.Storage.S3;

/// <summary>Finds out where AWS keeps a bucket.</summary>
internal static class BucketRegion
{
    /// <summary>The region that buckets without one are in, and that stores other than AWS are content with.</summary>
    public const string Default = "us-east-1";

    /// <summary>
    /// Asks the global endpoint. It tells everybody the region in a header, also when it refuses the request itself.
    /// </summary>
    /// <exception cref="StorageException"><see cref="StorageError.Transient"/>: it was too busy to tell.</exception>
    public static async Task<string> FindAsync(
        HttpClient transport,
        Uri globalEndpoint,
        string bucket,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Head,
            new Uri(globalEndpoint, Uri.EscapeDataString(bucket))
        );
        using var response = await transport.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken
        );
        if (response.Headers.TryGetValues("x-amz-bucket-region", out var values))
        {
            return values.First();
        }

        // The answer holds for the whole run, so a busy moment must not decide it.
        return HttpFailures.Classify(response.StatusCode) == StorageError.Transient && !response.IsSuccessStatusCode
            ? throw new StorageException(
                StorageError.Transient,
                $"s3:{globalEndpoint.GetLeftPart(UriPartial.Authority)}/{bucket}",
                null,
                $"the bucket's region could not be learned (HTTP {(int)response.StatusCode} {response.ReasonPhrase})"
            )
            : Default;
    }
}
