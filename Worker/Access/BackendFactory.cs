using Granary.Api.Common;
using Granary.Storage;
using Granary.Storage.Azure;
using Granary.Storage.B2;
using Granary.Storage.Decorators;
using Granary.Storage.Gcs;
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

namespace Granary.Access;

/// <summary>Makes the backend for a location, with retries and the limits on connections and bytes around it.</summary>
/// <param name="time">The clock.</param>
/// <param name="log">Gets every retry.</param>
/// <param name="retryTimeout">For how long an operation is tried again.</param>
/// <param name="provider">
/// Makes the bare backend; null for the one that the location names. For servers that no location can name.
/// </param>
public sealed class BackendFactory(
    TimeProvider time,
    ILogger log,
    TimeSpan? retryTimeout = null,
    Func<BackendSettings, IBackend>? provider = null
)
{
    /// <summary>Makes a backend. Nothing is asked of the store yet.</summary>
    /// <exception cref="StepFailedException">The location or the credentials are incomplete.</exception>
    public IBackend Create(BackendSettings settings)
    {
        var bare = provider?.Invoke(settings) ?? Bare(settings);
        var tuning = settings.Tuning;
        var paced =
            tuning.UploadPerSecond is null && tuning.DownloadPerSecond is null
                ? bare
                : new ThrottledBackend(bare, tuning.UploadPerSecond, tuning.DownloadPerSecond, time);
        var limited = new LimitedBackend(paced);
        return new RetryingBackend(
            limited,
            retryTimeout is { } limit ? new RetryOptions { GiveUpAfter = limit } : new RetryOptions(),
            time,
            notice =>
                log.StorageRetry(notice.Operation, notice.Attempt, notice.Delay.TotalSeconds, notice.Error.Message)
        );
    }

    private IBackend Bare(BackendSettings settings) =>
        settings.Location.Provider switch
        {
            Providers.Local => LocalBackend.Create(BackendOptions.ForLocal(settings), time),
            Providers.S3 => S3Backend.Create(BackendOptions.ForS3(settings), time),
            Providers.Azure => AzureBackend.Create(BackendOptions.ForAzure(settings), time),
            Providers.Rest => RestBackend.Create(BackendOptions.ForRest(settings), time),
            Providers.Gcs => GcsBackend.Create(BackendOptions.ForGcs(settings), time),
            Providers.B2 => B2Backend.Create(BackendOptions.ForB2(settings), time),
            Providers.Swift => SwiftBackend.Create(BackendOptions.ForSwift(settings), time),
            var unknown => throw new StepFailedException(
                $"The storage provider '{unknown}' is not known; it may be local, s3, gcs, azure, swift, b2 or rest"
            ),
        };
}
