using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.SharedInterfaces;
using Amazon.SecurityToken;

namespace Granary.Storage.S3;

/// <summary>
/// Keys that AWS's token service gives in exchange for a Pod's token; the SDK asks again before they expire.
/// </summary>
/// <remarks>
/// Left to itself the SDK looks the service's client up by its name, which a native program does not have. It also
/// sends over a transport that knows neither our trust nor our time limits.
/// </remarks>
internal sealed class WebIdentity : AssumeRoleWithWebIdentityCredentials
{
    private readonly AmazonSecurityTokenServiceClient _service;

    private WebIdentity(string tokenFile, string role, string session, string region, HttpClient transport)
        : base(tokenFile, role, session) =>
        _service = new AmazonSecurityTokenServiceClient(
            new AnonymousAWSCredentials(),
            new AmazonSecurityTokenServiceConfig
            {
                RegionEndpoint = RegionEndpoint.GetBySystemName(region),
                MaxErrorRetry = 0,
                MaxStaleConnectionRetries = 0,
                ThrottleRetries = false,
                Timeout = Timeout.InfiniteTimeSpan,
                HttpClientFactory = new OneClient(transport),
            }
        );

    /// <summary>The identity that the variables name which EKS gives to Pods, or null without them.</summary>
    /// <param name="region">Where the bucket is; <c>AWS_REGION</c> comes first.</param>
    /// <param name="transport">Sends the questions.</param>
    public static WebIdentity? OfEnvironment(string region, HttpClient transport) =>
        Variable("AWS_ACCESS_KEY_ID") is null
        && Variable("AWS_WEB_IDENTITY_TOKEN_FILE") is { } file
        && Variable("AWS_ROLE_ARN") is { } role
            ? new WebIdentity(
                file,
                role,
                Variable("AWS_ROLE_SESSION_NAME") ?? "granary",
                Variable("AWS_REGION") ?? region,
                transport
            )
            : null;

    /// <inheritdoc/>
    protected override ICoreAmazonSTS CreateClient() => _service;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _service.Dispose();
        }

        base.Dispose(disposing);
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
