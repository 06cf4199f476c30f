using Granary.Api.Names;
using Granary.Storage.Azure;
using Granary.Storage.B2;
using Granary.Storage.Gcs;
using Granary.Storage.Http;
using Granary.Storage.Local;
using Granary.Storage.Rest;
using Granary.Storage.S3;
using Granary.Storage.Swift;

namespace Granary.Access;

/// <summary>The options of each provider's backend, from the keys of a storage Secret.</summary>
/// <remarks>
/// Every method throws <see cref="StepFailedException"/> where the location or the keys are incomplete.
/// </remarks>
public static class BackendOptions
{
    private const int MaxConnections = 256;

    /// <summary>For a folder.</summary>
    public static LocalOptions ForLocal(BackendSettings settings)
    {
        var options = new LocalOptions { Path = settings.Location.Bucket };
        return Limited(options, settings, (own, connections) => own with { Connections = connections });
    }

    /// <summary>For S3. Without keys the backend looks for the identity of the Pod.</summary>
    public static S3Options ForS3(BackendSettings settings)
    {
        var (location, credentials, tuning) = (settings.Location, settings.Credentials, settings.Tuning);
        var options = new S3Options
        {
            Endpoint = Given(location.Endpoint, "endpoint"),
            Bucket = Given(location.Bucket, "bucket"),
            Prefix = location.Prefix,
            Region = location.Region is { Length: > 0 } region ? region : credentials.Text("AWS_DEFAULT_REGION"),
            AccessKeyId = credentials["AWS_ACCESS_KEY_ID"],
            SecretAccessKey = credentials["AWS_SECRET_ACCESS_KEY"],
            SessionToken = credentials["AWS_SESSION_TOKEN"],
            PathStyle = tuning.PathStyle,
            StorageClass = tuning.StorageClass,
            ServerSideEncryption = tuning.ServerSideEncryption,
            KmsKeyId = tuning.KmsKeyId,
            Transport = Transport(settings),
        };
        return Limited(options, settings, (own, connections) => own with { Connections = connections });
    }

    /// <summary>For Azure. Without a key and a SAS the backend looks for the identity of the Pod.</summary>
    public static AzureOptions ForAzure(BackendSettings settings)
    {
        var credentials = settings.Credentials;
        var options = new AzureOptions
        {
            Container = Given(settings.Location.Bucket, "container"),
            Prefix = settings.Location.Prefix,
            AccountName = credentials.Required("AZURE_ACCOUNT_NAME").Reveal(),
            AccountKey = credentials["AZURE_ACCOUNT_KEY"],
            SasToken = credentials["AZURE_ACCOUNT_SAS"],
            Transport = Transport(settings),
        };
        options = credentials.Text("AZURE_ENDPOINT_SUFFIX") is { } suffix
            ? options with
            {
                EndpointSuffix = suffix,
            }
            : options;
        return Limited(options, settings, (own, connections) => own with { Connections = connections });
    }

    /// <summary>For the REST server. The names are Stash's, or else restic's.</summary>
    public static RestOptions ForRest(BackendSettings settings)
    {
        var credentials = settings.Credentials;
        var options = new RestOptions
        {
            Url = Given(settings.Location.Endpoint, "URL"),
            UserName = credentials.Text("REST_SERVER_USERNAME") ?? credentials.Text("RESTIC_REST_USERNAME"),
            Password = credentials["REST_SERVER_PASSWORD"] ?? credentials["RESTIC_REST_PASSWORD"],
            Transport = Transport(settings),
        };
        return Limited(options, settings, (own, connections) => own with { Connections = connections });
    }

    /// <summary>For Google Cloud Storage. Without a key the backend looks for the identity of the Pod.</summary>
    public static GcsOptions ForGcs(BackendSettings settings)
    {
        var options = new GcsOptions
        {
            Bucket = Given(settings.Location.Bucket, "bucket"),
            Prefix = settings.Location.Prefix,
            ProjectId = settings.Credentials.Text("GOOGLE_PROJECT_ID"),
            ServiceAccountKey = settings.Credentials["GOOGLE_SERVICE_ACCOUNT_JSON_KEY"],
            Transport = Transport(settings),
        };
        return Limited(options, settings, (own, connections) => own with { Connections = connections });
    }

    /// <summary>For B2.</summary>
    public static B2Options ForB2(BackendSettings settings)
    {
        var options = new B2Options
        {
            Bucket = Given(settings.Location.Bucket, "bucket"),
            Prefix = settings.Location.Prefix,
            AccountId = settings.Credentials.Required("B2_ACCOUNT_ID"),
            AccountKey = settings.Credentials.Required("B2_ACCOUNT_KEY"),
            Transport = Transport(settings),
        };
        return Limited(options, settings, (own, connections) => own with { Connections = connections });
    }

    /// <summary>For Swift: a ready token, else its first scheme, else Keystone, by the keys that are there.</summary>
    public static SwiftOptions ForSwift(BackendSettings settings)
    {
        var options = new SwiftOptions
        {
            Container = Given(settings.Location.Bucket, "container"),
            Prefix = settings.Location.Prefix,
            Identity = SwiftCredentials.Identity(settings.Credentials),
            Transport = Transport(settings),
        };
        return Limited(options, settings, (own, connections) => own with { Connections = connections });
    }

    private static TransportOptions Transport(BackendSettings settings) =>
        new()
        {
            CaCertificate = settings.Credentials.Text(SecretKeys.CaCertData),
            InsecureTls = settings.Location.InsecureTLS,
        };

    private static T Limited<T>(T options, BackendSettings settings, Func<T, int, T> with) =>
        settings.Location.MaxConnections > 0
            ? with(options, (int)Math.Min(settings.Location.MaxConnections, MaxConnections))
            : options;

    private static string Given(string? value, string what) =>
        value is { Length: > 0 } ? value : throw new StepFailedException($"The repository's location has no {what}");
}
