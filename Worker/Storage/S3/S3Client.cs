using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Granary.Storage.S3;

/// <summary>Builds the SDK's client: our transport, no retries, the user's or the ambient identity.</summary>
internal static class S3Client
{
    public static AmazonS3Client Create(S3Options options, S3Endpoint endpoint, string region, HttpClient transport)
    {
        var checksums = options.ChecksumMode == S3ChecksumMode.Trailer;
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle ?? !endpoint.IsAmazon,
            MaxErrorRetry = 0,
            // A lost connection counts apart, and is ten retries by default. After a lost reply the store then says
            // that the name is taken, and the layer that retries cannot know that it was taken by us.
            MaxStaleConnectionRetries = 0,
            ThrottleRetries = false,
            Timeout = Timeout.InfiniteTimeSpan,
            HttpClientFactory = new OneClient(transport),
            RequestChecksumCalculation = checksums
                ? RequestChecksumCalculation.WHEN_SUPPORTED
                : RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = checksums
                ? ResponseChecksumValidation.WHEN_SUPPORTED
                : ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (endpoint.IsGlobal)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }
        else
        {
            config.ServiceURL = endpoint.Url.AbsoluteUri;
            config.AuthenticationRegion = region;
        }

        var credentials = CredentialsFor(options) ?? WebIdentity.OfEnvironment(region, transport);
        return credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config);
    }

    private static AWSCredentials? CredentialsFor(S3Options options) =>
        options switch
        {
            { AccessKeyId: { } id, SecretAccessKey: { } secret, SessionToken: { } token } => new SessionAWSCredentials(
                id.Reveal(),
                secret.Reveal(),
                token.Reveal()
            ),
            { AccessKeyId: { } id, SecretAccessKey: { } secret } => new BasicAWSCredentials(
                id.Reveal(),
                secret.Reveal()
            ),
            _ => null,
        };
}
