using System.Net;
using System.Net.Http.Headers;
using Granary.Storage.Layouts;

namespace Granary.Storage.Http;

/// <summary>The common part of stores that are spoken to in plain HTTP; the rest is their protocol.</summary>
public abstract class HttpBackend : IBackend
{
    private const int LongBodyBytes = 64 * 1024;
    private readonly HttpClient _client;
    private readonly IReadOnlyList<Secret> _secrets;

    /// <summary>Makes the common part.</summary>
    /// <param name="location">For messages; without credentials.</param>
    /// <param name="connections">Operations at once.</param>
    /// <param name="transport">Trust and time limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="secrets">Values that must not appear in a message.</param>
    protected HttpBackend(
        string location,
        int connections,
        TransportOptions transport,
        TimeProvider time,
        IEnumerable<Secret?> secrets
    )
    {
        Location = location;
        Connections = connections;
        _client = Transport.CreateClient(transport, location, time);
        _secrets = [.. secrets.OfType<Secret>()];
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public int Connections { get; }

    /// <inheritdoc/>
    public abstract Task PrepareAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    );

    /// <inheritdoc/>
    public abstract IAsyncEnumerable<FileEntry> ListAsync(FileKind kind, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public Task ReadAsync(FileHandle handle, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Check(handle);
        return RunAsync(
            handle,
            async () =>
            {
                if (destination.IsEmpty)
                {
                    // HTTP has no empty range.
                    var size = await FindSizeAsync(handle, cancellationToken)
                        ?? throw Failure(StorageError.NotFound, handle, "there is no such file");
                    if (offset > size)
                    {
                        throw Failure(
                            StorageError.Truncated,
                            handle,
                            $"it has {size} bytes, but {offset} was asked for"
                        );
                    }

                    return;
                }

                using var request = await ContentRequestAsync(handle, cancellationToken);
                request.Headers.Range = new RangeHeaderValue(offset, offset + destination.Length - 1);
                using var response = await SendAsync(request, cancellationToken);
                await ExpectSuccessAsync(response, handle, cancellationToken);
                if (response.StatusCode != HttpStatusCode.PartialContent && offset > 0)
                {
                    throw Failure(StorageError.Invalid, handle, "the server does not know ranged reads");
                }

                await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
                var read = await body.ReadAtLeastAsync(
                    destination,
                    destination.Length,
                    throwOnEndOfStream: false,
                    cancellationToken
                );
                if (read != destination.Length)
                {
                    throw Failure(
                        StorageError.Truncated,
                        handle,
                        $"{read} bytes came from {offset} on, but {destination.Length} were asked for"
                    );
                }
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        Check(handle);
        return RunAsync(
            handle,
            async () =>
            {
                using var request = await ContentRequestAsync(handle, cancellationToken);
                using var response = await SendAsync(request, cancellationToken);
                await ExpectSuccessAsync(response, handle, cancellationToken);
                return await response.Content.ReadAsByteArrayAsync(cancellationToken);
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        Check(handle);
        return RunAsync(handle, () => FindSizeAsync(handle, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        Check(handle);
        return RunAsync(
            handle,
            async () =>
            {
                using var request = await DeleteRequestAsync(handle, cancellationToken);
                using var response = await SendAsync(request, cancellationToken);
                if (response.StatusCode != HttpStatusCode.NotFound)
                {
                    await ExpectSuccessAsync(response, handle, cancellationToken);
                }
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        _client.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A GET for a file's content, authorised, without a range.</summary>
    protected abstract Task<HttpRequestMessage> ContentRequestAsync(
        FileHandle handle,
        CancellationToken cancellationToken
    );

    /// <summary>A request that deletes a file, authorised. 404 counts as success.</summary>
    protected abstract Task<HttpRequestMessage> DeleteRequestAsync(
        FileHandle handle,
        CancellationToken cancellationToken
    );

    /// <summary>The stored size, or null. By default from a HEAD for the content.</summary>
    protected virtual async Task<long?> FindSizeAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        using var request = await ContentRequestAsync(handle, cancellationToken);
        request.Method = HttpMethod.Head;
        using var response = await SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await ExpectSuccessAsync(response, handle, cancellationToken);
        return response.Content.Headers.ContentLength
            ?? throw Failure(StorageError.Invalid, handle, "the server did not tell the file's size");
    }

    /// <summary>Sends a request and returns when the reply's head is there, with any status.</summary>
    protected Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    /// <summary>Throws the reply's failure unless it is a success.</summary>
    protected virtual async Task ExpectSuccessAsync(
        HttpResponseMessage response,
        FileHandle? handle,
        CancellationToken cancellationToken
    )
    {
        if (!response.IsSuccessStatusCode)
        {
            var words = await HttpWords.ReadAsync(response, cancellationToken);
            throw Failure(Classify(response), handle, words);
        }
    }

    /// <summary>The meaning in this protocol of a reply that is not a success.</summary>
    protected virtual StorageError Classify(HttpResponseMessage response) => HttpFailures.Classify(response.StatusCode);

    /// <summary>Gives a request a file's content, announced beforehand where it is long.</summary>
    /// <remarks>
    /// A server that refuses closes the connection in the middle of a long body, and its reason is lost then. Asked
    /// first, it can say so, and a retry of a file that it has does not send the bytes again.
    /// </remarks>
    protected static void Attach(HttpRequestMessage request, Stream content)
    {
        request.Content = new SourceContent(content);
        request.Headers.ExpectContinue = content.Length > LongBodyBytes;
    }

    /// <summary>A failure for a listing's 404 that is not the store's own word that there is nothing.</summary>
    /// <remarks>
    /// A proxy, a router or a server that is just starting says 404 as well. A listing that takes it for the end shows
    /// fewer files than there are, and a prune by it deletes live data. So it counts as a passing fault, and the
    /// listing is begun again.
    /// </remarks>
    protected async Task<StorageException> UnbelievableAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    ) =>
        Failure(
            StorageError.Transient,
            null,
            $"the listing was answered with 'not found': {await HttpWords.ReadAsync(response, cancellationToken)}"
        );

    /// <summary>Makes an exception for this location.</summary>
    protected StorageException Failure(StorageError error, FileHandle? handle, string message, Exception? inner = null)
    {
        foreach (var secret in _secrets.Where(secret => secret.Reveal().Length > 0))
        {
            message = message.Replace(secret.Reveal(), secret.ToString(), StringComparison.Ordinal);
        }

        return new StorageException(error, Location, handle, message, inner);
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    protected Task RunAsync(FileHandle? handle, Func<Task> body, CancellationToken cancellationToken) =>
        RunAsync(handle, Resultless.Of(body), cancellationToken);

    /// <summary>Runs an operation and turns the network's exceptions into ours.</summary>
    protected async Task<T> RunAsync<T>(FileHandle? handle, Func<Task<T>> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await body();
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && HttpFailures.IsNetworkFailure(e))
        {
            // A request that is stopped halfway fails in many ways; to the caller it is a cancellation.
            throw new OperationCanceledException("The operation was cancelled.", e, cancellationToken);
        }
        catch (Exception e) when (HttpFailures.IsNetworkFailure(e) && e is not StorageException)
        {
            throw Failure(HttpFailures.Classify(e), handle, HttpFailures.Describe(e), e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure(StorageError.Transient, handle, "the request was given up", e);
        }
        catch (Exception e) when (HttpFailures.IsMalformed(e))
        {
            throw Failure(StorageError.Invalid, handle, $"the reply was not understood: {e.Message}", e);
        }
    }

    private static void Check(FileHandle handle) => _ = Layout.Default.PathOf(handle);
}
