namespace Granary.Storage.S3;

/// <summary>Finds out where AWS keeps a bucket.</summary>
internal static class BucketRegion
{
    /// <summary>The region that buckets without one are in, and that stores other than AWS are content with.</summary>
    public const string Default = "us-east-1";

    /// <summary>Asks the global endpoint. It tells the region in a header whoever asks, also when it refuses the request itself.</summary>
    public static async Task<string> FindAsync(HttpClient transport, Uri globalEndpoint, string bucket, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(globalEndpoint, Uri.EscapeDataString(bucket)));
        using var response = await transport.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.Headers.TryGetValues("x-amz-bucket-region", out var values) ? values.First() : Default;
    }
}
