using Granary.Api.Common;
using Granary.Storage;
using Granary.Storage.Azure;
using Granary.Storage.B2;
using Granary.Storage.Decorators;
using Granary.Storage.Gcs;
using Granary.Storage.Http;
using Granary.Storage.Local;
using Granary.Storage.Rest;
using Granary.Storage.S3;
using Granary.Storage.Swift;
using Microsoft.Extensions.Logging;
using AzureBackend = Granary.Storage.Azure.AzureBackend;
using B2Backend = Granary.Storage.B2.B2Backend;
using GcsBackend = Granary.Storage.Gcs.GcsBackend;
using LocalBackend = Granary.Storage.Local.LocalBackend;
using RestBackend = Granary.Storage.Rest.RestBackend;
using S3Backend = Granary.Storage.S3.S3Backend;
using SwiftBackend = Granary.Storage.Swift.SwiftBackend;

namespace Granary.Worker.Repositories;

/// <summary>Makes the backend for a location, with retries and the limits on connections and bytes around it.</summary>
/// <param name="time">The clock.</param>
/// <param name="log">Gets every retry.</param>
/// <param name="retryTimeout">For how long an operation is tried again.</param>
/// <param name="provider">Makes the bare backend; null for the one that the location names. For servers that no location can name.</param>
internal sealed class BackendFactory(TimeProvider time, ILogger log, TimeSpan? retryTimeout = null, Func<BackendSettings, IBackend>? provider = null)
{
    private const int MaxConnections = 256;

    /// <summary>Makes a backend. Nothing is asked of the store yet.</summary>
    /// <exception cref="StepFailedException">The location or the credentials are incomplete.</exception>
    public IBackend Create(BackendSettings settings)
    {
        var bare = provider?.Invoke(settings) ?? Bare(settings);
        var tuning = settings.Tuning;
        var paced = tuning.UploadPerSecond is null && tuning.DownloadPerSecond is null
            ? bare
            : new ThrottledBackend(bare, tuning.UploadPerSecond, tuning.DownloadPerSecond, time);
        var limited = new LimitedBackend(paced);
        return new RetryingBackend(limited, retryTimeout is { } limit ? new RetryOptions { GiveUpAfter = limit } : new RetryOptions(), time, notice =>
            WorkerLog.StorageRetry(log, notice.Operation, notice.Attempt, notice.Delay.TotalSeconds, notice.Error.Message));
    }

    private IBackend Bare(BackendSettings settings) => settings.Location.Provider switch
    {
        Providers.Local => LocalBackend.Create(new LocalOptions { Path = settings.Location.Bucket }, time),
        Providers.S3 => S3(settings.Location, settings.Credentials, settings.Tuning),
        Providers.Azure => Azure(settings.Location, settings.Credentials),
        Providers.Rest => Rest(settings.Location, settings.Credentials),
        Providers.Gcs => Gcs(settings.Location, settings.Credentials),
        Providers.B2 => B2(settings.Location, settings.Credentials),
        Providers.Swift => Swift(settings.Location, settings.Credentials),
        var unknown => throw new StepFailedException(
            $"The storage provider '{unknown}' is not known; it may be local, s3, gcs, azure, swift, b2 or rest"),
    };

    private S3Backend S3(BackendLocation location, StorageCredentials credentials, BackendTuning tuning)
    {
        var options = new S3Options
        {
            Endpoint = location.Endpoint is { Length: > 0 } endpoint ? endpoint : throw Missing("endpoint"),
            Bucket = location.Bucket.Length > 0 ? location.Bucket : throw Missing("bucket"),
            Prefix = location.Prefix,
            Region = location.Region is { Length: > 0 } region ? region : credentials.Text("AWS_DEFAULT_REGION"),
            AccessKeyId = credentials["AWS_ACCESS_KEY_ID"],
            SecretAccessKey = credentials["AWS_SECRET_ACCESS_KEY"],
            SessionToken = credentials["AWS_SESSION_TOKEN"],
            PathStyle = tuning.PathStyle,
            StorageClass = tuning.StorageClass,
            ServerSideEncryption = tuning.ServerSideEncryption,
            KmsKeyId = tuning.KmsKeyId,
            Transport = Transport(location, credentials),
        };
        return S3Backend.Create(Limited(options, location, (o, n) => o with { Connections = n }), time);
    }

    private AzureBackend Azure(BackendLocation location, StorageCredentials credentials)
    {
        var options = new AzureOptions
        {
            Container = location.Bucket.Length > 0 ? location.Bucket : throw Missing("container"),
            Prefix = location.Prefix,
            AccountName = credentials.Required("AZURE_ACCOUNT_NAME").Reveal(),
            AccountKey = credentials["AZURE_ACCOUNT_KEY"],
            SasToken = credentials["AZURE_ACCOUNT_SAS"],
            Transport = Transport(location, credentials),
        };
        if (credentials.Text("AZURE_ENDPOINT_SUFFIX") is { } suffix)
        {
            options = options with { EndpointSuffix = suffix };
        }

        return AzureBackend.Create(Limited(options, location, (o, n) => o with { Connections = n }), time);
    }

    private RestBackend Rest(BackendLocation location, StorageCredentials credentials)
    {
        var options = new RestOptions
        {
            Url = location.Endpoint is { Length: > 0 } url ? url : throw Missing("URL"),
            UserName = credentials.Text("REST_SERVER_USERNAME") ?? credentials.Text("RESTIC_REST_USERNAME"),
            Password = credentials["REST_SERVER_PASSWORD"] ?? credentials["RESTIC_REST_PASSWORD"],
            Transport = Transport(location, credentials),
        };
        return RestBackend.Create(Limited(options, location, (o, n) => o with { Connections = n }), time);
    }

    private GcsBackend Gcs(BackendLocation location, StorageCredentials credentials)
    {
        var options = new GcsOptions
        {
            Bucket = location.Bucket.Length > 0 ? location.Bucket : throw Missing("bucket"),
            Prefix = location.Prefix,
            ProjectId = credentials.Text("GOOGLE_PROJECT_ID"),
            ServiceAccountKey = credentials["GOOGLE_SERVICE_ACCOUNT_JSON_KEY"],
            Transport = Transport(location, credentials),
        };
        return GcsBackend.Create(Limited(options, location, (o, n) => o with { Connections = n }), time);
    }

    private B2Backend B2(BackendLocation location, StorageCredentials credentials)
    {
        var options = new B2Options
        {
            Bucket = location.Bucket.Length > 0 ? location.Bucket : throw Missing("bucket"),
            Prefix = location.Prefix,
            AccountId = credentials.Required("B2_ACCOUNT_ID"),
            AccountKey = credentials.Required("B2_ACCOUNT_KEY"),
            Transport = Transport(location, credentials),
        };
        return B2Backend.Create(Limited(options, location, (o, n) => o with { Connections = n }), time);
    }

    private SwiftBackend Swift(BackendLocation location, StorageCredentials credentials)
    {
        var options = new SwiftOptions
        {
            Container = location.Bucket.Length > 0 ? location.Bucket : throw Missing("container"),
            Prefix = location.Prefix,
            Identity = SwiftCredentials.Identity(credentials),
            Transport = Transport(location, credentials),
        };
        return SwiftBackend.Create(Limited(options, location, (o, n) => o with { Connections = n }), time);
    }

    private static TransportOptions Transport(BackendLocation location, StorageCredentials credentials)
        => new() { CaCertificate = credentials.Text("CA_CERT_DATA"), InsecureTls = location.InsecureTLS };

    private static T Limited<T>(T options, BackendLocation location, Func<T, int, T> with)
        => location.MaxConnections > 0 ? with(options, (int)Math.Min(location.MaxConnections, MaxConnections)) : options;

    private static StepFailedException Missing(string what) => new($"The repository's location has no {what}");
}
