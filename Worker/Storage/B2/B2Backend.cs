using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Granary.Storage.Http;
using Granary.Storage.Layouts;
using Granary.Storage.S3;

namespace Granary.Storage.B2;

/// <summary>A repository in a bucket of Backblaze B2.</summary>
/// <remarks>
/// B2 speaks S3's language on each of its clusters. Which cluster an account lives on is asked for once; the rest is
/// <see cref="S3Backend"/>. B2 keeps deleted files as hidden versions unless the bucket's lifecycle says "keep only the
/// last".
/// </remarks>
public sealed class B2Backend : IBackend
{
    private readonly B2Options _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _transport;
    private readonly SemaphoreSlim _connecting = new(1);
    private S3Backend? _bucket;

    private B2Backend(B2Options options, TimeProvider time)
    {
        _options = options;
        _time = time;
        Location = $"b2:{options.Bucket}:/{new ObjectNames(options.Prefix, $"b2:{options.Bucket}").Folder}";
        Credentials.RequireText(
            Location,
            ("B2_ACCOUNT_ID", options.AccountId.Reveal()),
            ("B2_ACCOUNT_KEY", options.AccountKey.Reveal())
        );
        _transport = Transport.CreateClient(options.Transport, Location, time);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public int Connections => _options.Connections;

    /// <summary>Makes the backend; sends nothing yet.</summary>
    public static B2Backend Create(B2Options options, TimeProvider time) => new(options, time);

    /// <inheritdoc/>
    public Task PrepareAsync(CancellationToken cancellationToken) =>
        RunAsync(null, bucket => bucket.PrepareAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task SaveAsync(FileHandle handle, Stream content, SaveMode mode, CancellationToken cancellationToken) =>
        RunAsync(handle, bucket => bucket.SaveAsync(handle, content, mode, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task ReadAsync(
        FileHandle handle,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    ) =>
        RunAsync(handle, bucket => bucket.ReadAsync(handle, offset, destination, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken) =>
        RunAsync(handle, bucket => bucket.ReadAllAsync(handle, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<FileEntry> ListAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var entries = await RunAsync(
            null,
            bucket => Task.FromResult(bucket.ListAsync(kind, cancellationToken)),
            cancellationToken
        );
        await using var cursor = entries.GetAsyncEnumerator(cancellationToken);
        while (await RunAsync(null, _ => cursor.MoveNextAsync().AsTask(), cancellationToken))
        {
            yield return cursor.Current;
        }
    }

    /// <inheritdoc/>
    public Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken) =>
        RunAsync(handle, bucket => bucket.SizeAsync(handle, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken) =>
        RunAsync(handle, bucket => bucket.DeleteAsync(handle, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<int> RemoveLeftoversAsync(CancellationToken cancellationToken) =>
        RunAsync(null, bucket => bucket.RemoveLeftoversAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_bucket is { } bucket)
        {
            await bucket.DisposeAsync();
        }

        _transport.Dispose();
        _connecting.Dispose();
    }

    private async Task RunAsync(FileHandle? handle, Func<S3Backend, Task> body, CancellationToken cancellationToken) =>
        await RunAsync(handle, Resultless.Of(body), cancellationToken);

    private async Task<T> RunAsync<T>(
        FileHandle? handle,
        Func<S3Backend, Task<T>> body,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await body(await BucketAsync(cancellationToken));
        }
        catch (StorageException e) when (e.Location != Location)
        {
            // Users know the bucket by the name they gave it; the exception inside keeps the address that was spoken
            // to.
            throw new StorageException(e.Error, Location, handle, Words(e), e);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && HttpFailures.IsMalformed(e))
        {
            throw new StorageException(
                StorageError.Invalid,
                Location,
                handle,
                $"B2's answer was not understood: {e.Message}",
                e
            );
        }
    }

    // The inner message begins with the other location and the file, which the new one says again.
    private static string Words(StorageException error)
    {
        var known = error.Handle is { } file ? $"{error.Location}: {file}: " : $"{error.Location}: ";
        return error.Message[known.Length..];
    }

    private async ValueTask<S3Backend> BucketAsync(CancellationToken cancellationToken)
    {
        if (_bucket is { } ready)
        {
            return ready;
        }

        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_bucket is not null)
            {
                return _bucket;
            }

            var endpoint = await FindEndpointAsync(cancellationToken);
            return _bucket = S3Backend.Create(
                new S3Options
                {
                    Endpoint = endpoint,
                    Region = RegionOf(endpoint),
                    Bucket = _options.Bucket,
                    Prefix = _options.Prefix,
                    AccessKeyId = _options.AccountId,
                    SecretAccessKey = _options.AccountKey,
                    Connections = _options.Connections,
                    Transport = _options.Transport,
                },
                _time
            );
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<string> FindEndpointAsync(CancellationToken cancellationToken)
    {
        var account = Encoding.UTF8.GetBytes($"{_options.AccountId.Reveal()}:{_options.AccountKey.Reveal()}");
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri($"{_options.AuthorizationEndpoint.TrimEnd('/')}/b2api/v3/b2_authorize_account")
        )
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(account)) },
        };
        try
        {
            using var response = await _transport.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            );
            if (!response.IsSuccessStatusCode)
            {
                var refusal = await response.Content.ReadAsStringAsync(cancellationToken);
                throw new StorageException(
                    HttpFailures.Classify(response.StatusCode),
                    Location,
                    null,
                    RefusalIn(refusal, (int)response.StatusCode)
                );
            }

            var answer = await response.Content.ReadFromJsonAsync(B2Json.Default.B2Authorization, cancellationToken);
            return answer?.ApiInfo?.StorageApi?.S3ApiUrl
                ?? throw new StorageException(
                    StorageError.Invalid,
                    Location,
                    null,
                    "B2 did not say where its S3 interface is"
                );
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && HttpFailures.IsNetworkFailure(e))
        {
            throw new StorageException(HttpFailures.Classify(e), Location, null, HttpFailures.Describe(e), e);
        }
    }

    // s3.us-west-004.backblazeb2.com: signatures are made for the region in the middle.
    private static string? RegionOf(string endpoint) =>
        new Uri(endpoint).Host.Split('.') is ["s3", var region, "backblazeb2", "com"] ? region : null;

    private static string RefusalIn(string body, int status)
    {
        try
        {
            var refusal = JsonSerializer.Deserialize(body, B2Json.Default.B2Refusal);
            return $"{refusal?.Code}: {refusal?.Message} (HTTP {status})";
        }
        catch (JsonException)
        {
            return $"the account was not authorised (HTTP {status})";
        }
    }
}
