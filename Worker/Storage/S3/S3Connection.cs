using Amazon.S3;
using Granary.Storage.Http;

namespace Granary.Storage.S3;

/// <summary>The SDK's client, made when it is first needed, and the meaning of its failures.</summary>
internal sealed class S3Connection(
    S3Options options,
    S3Endpoint endpoint,
    S3Errors errors,
    string location,
    TimeProvider time
) : IDisposable
{
    private readonly HttpClient _transport = Transport.CreateClient(options.Transport, location, time);
    private readonly SemaphoreSlim _connecting = new(1);
    private AmazonS3Client? _client;

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(FileHandle? handle, Func<AmazonS3Client, Task> body, CancellationToken cancellationToken) =>
        RunAsync(handle, Resultless.Of(body), cancellationToken);

    /// <summary>Runs an operation.</summary>
    /// <exception cref="StorageException">It failed.</exception>
    public async Task<T> RunAsync<T>(
        FileHandle? handle,
        Func<AmazonS3Client, Task<T>> body,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await body(await ClientAsync(cancellationToken));
        }
        catch (EndOfStreamException e)
        {
            throw new StorageException(StorageError.Transient, location, handle, "the reply ended early", e);
        }
        catch (Exception e) when (S3Errors.IsTranslated(e, cancellationToken))
        {
            throw errors.Translate(e, handle);
        }
        catch (Exception e)
            when (!cancellationToken.IsCancellationRequested && (e is ArgumentException || HttpFailures.IsMalformed(e)))
        {
            // An ArgumentException is the SDK's way to say that it cannot follow a redirect. File names have been
            // looked at before.
            throw errors.Malformed(e, handle);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is not OperationCanceledException)
        {
            // A request that is stopped halfway fails in many ways; to the caller it is a cancellation.
            throw new OperationCanceledException("The operation was cancelled.", e, cancellationToken);
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        _transport.Dispose();
        _connecting.Dispose();
    }

    private async ValueTask<AmazonS3Client> ClientAsync(CancellationToken cancellationToken)
    {
        if (_client is { } ready)
        {
            return ready;
        }

        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_client is null)
            {
                var region = options.Region is { Length: > 0 } given ? given : endpoint.Region;
                region ??= endpoint.IsGlobal
                    ? await BucketRegion.FindAsync(_transport, endpoint.Url, options.Bucket, cancellationToken)
                    : BucketRegion.Default;
                _client = S3Client.Create(options, endpoint, region, _transport);
            }

            return _client;
        }
        finally
        {
            _connecting.Release();
        }
    }
}
