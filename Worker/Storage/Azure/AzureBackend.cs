using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Granary.Storage.Http;
using Granary.Storage.Layouts;

namespace Granary.Storage.Azure;

/// <summary>A repository in a container of Azure Blob Storage.</summary>
/// <remarks>
/// Blobs appear whole: one Put Blob, or blocks and their commit. Uncommitted blocks are discarded by Azure after a
/// week. The SDK's own retries are off. Source: repository format, "Backend contracts".
/// </remarks>
public sealed class AzureBackend : IBackend
{
    private readonly AzureOptions _options;
    private readonly ObjectNames _names;
    private readonly HttpClient _transport;
    private readonly BlobContainerClient _container;

    private AzureBackend(AzureOptions options, TimeProvider time)
    {
        _options = options;
        _names = new ObjectNames(options.Prefix, $"azure:{options.Container}");
        Location = $"azure:{options.Container}:/{_names.Folder}";
        Credentials.RequireText(
            Location,
            ("AZURE_ACCOUNT_NAME", options.AccountName),
            ("AZURE_ACCOUNT_SAS", options.SasToken?.Reveal())
        );
        _transport = new HttpClient(new BodilessReplies(Transport.CreateHandler(options.Transport, Location, time)))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _container = AzureClient.Create(options, Location, _transport);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public int Connections => _options.Connections;

    /// <summary>Makes the backend; sends nothing yet.</summary>
    /// <exception cref="StorageException">Address, key, signature or certificate cannot work.</exception>
    public static AzureBackend Create(AzureOptions options, TimeProvider time) => new(options, time);

    /// <inheritdoc/>
    public Task PrepareAsync(CancellationToken cancellationToken) =>
        RunAsync(
            null,
            async () =>
            {
                try
                {
                    await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
                }
                catch (RequestFailedException e)
                    when (e.ErrorCode is "AuthorizationPermissionMismatch" or "AuthorizationFailure")
                {
                    // Signatures that may touch blobs only cannot create the container. If they are wrong, the first
                    // save says so.
                }
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task SaveAsync(FileHandle handle, Stream content, SaveMode mode, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlockBlobClient(_names.NameOf(handle));
        return RunAsync(
            handle,
            async () =>
            {
                content.Position = 0;
                await using var source = new TwoPassStream(content);
                await blob.UploadAsync(
                    source,
                    new BlobUploadOptions
                    {
                        Conditions =
                            mode == SaveMode.CreateOnly ? new BlobRequestConditions { IfNoneMatch = ETag.All } : null,
                        HttpHeaders = new BlobHttpHeaders { ContentType = "application/octet-stream" },
                        TransferOptions = new StorageTransferOptions
                        {
                            InitialTransferSize = _options.SingleUploadLimit.Bytes,
                            MaximumTransferSize = _options.BlockSize.Bytes,
                            MaximumConcurrency = 1,
                        },
                        // MD5, because emulators and older servers do not know the newer checksum.
                        TransferValidation = new UploadTransferValidationOptions
                        {
                            ChecksumAlgorithm = StorageChecksumAlgorithm.MD5,
                        },
                    },
                    cancellationToken
                );
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task ReadAsync(FileHandle handle, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlockBlobClient(_names.NameOf(handle));
        return RunAsync(
            handle,
            async () =>
            {
                if (destination.IsEmpty)
                {
                    // HTTP has no empty range.
                    var size = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken))
                        .Value
                        .ContentLength;
                    if (offset > size)
                    {
                        throw Truncated(handle, $"it has {size} bytes, but {offset} was asked for");
                    }

                    return;
                }

                var options = new BlobDownloadOptions { Range = new HttpRange(offset, destination.Length) };
                using var response = (await blob.DownloadStreamingAsync(options, cancellationToken)).Value;
                await using var body = response.Content;
                var read = await body.ReadAtLeastAsync(
                    destination,
                    destination.Length,
                    throwOnEndOfStream: false,
                    cancellationToken
                );
                if (read != destination.Length)
                {
                    throw Truncated(
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
        var blob = _container.GetBlockBlobClient(_names.NameOf(handle));
        return RunAsync(
            handle,
            async () =>
            {
                using var response = (await blob.DownloadStreamingAsync(cancellationToken: cancellationToken)).Value;
                var content = new byte[response.Details.ContentLength];
                await using var body = response.Content;
                await body.ReadExactlyAsync(content, cancellationToken);
                return content;
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<FileEntry> ListAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var options = new GetBlobsOptions { Prefix = _names.PrefixOf(kind) };
        await using var pages = _container
            .GetBlobsAsync(options, cancellationToken)
            .AsPages(pageSizeHint: _options.ListPageSize)
            .GetAsyncEnumerator(cancellationToken);
        var isFirst = true;
        while (await RunAsync(null, () => NextAsync(pages, isFirst), cancellationToken))
        {
            isFirst = false;
            foreach (var item in pages.Current.Values)
            {
                if (_names.EntryFor(kind, item.Name, item.Properties.ContentLength ?? 0) is { } entry)
                {
                    yield return entry;
                }
            }
        }
    }

    /// <inheritdoc/>
    public Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlockBlobClient(_names.NameOf(handle));
        return RunAsync<long?>(
            handle,
            async () =>
            {
                try
                {
                    return (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value.ContentLength;
                }
                catch (RequestFailedException e) when (e.Status == 404)
                {
                    return null;
                }
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task DeleteAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlockBlobClient(_names.NameOf(handle));
        return RunAsync(
            handle,
            async () =>
            {
                try
                {
                    await blob.DeleteAsync(
                        DeleteSnapshotsOption.IncludeSnapshots,
                        cancellationToken: cancellationToken
                    );
                }
                catch (RequestFailedException e) when (e.Status == 404)
                {
                    // Gone already.
                }
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _transport.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> NextAsync(IAsyncEnumerator<Page<BlobItem>> pages, bool isFirst)
    {
        try
        {
            return await pages.MoveNextAsync();
        }
        catch (RequestFailedException e) when (e.ErrorCode == "ContainerNotFound" && isFirst)
        {
            return false;
        }
        catch (NullReferenceException e)
        {
            // The client looks no further when the reply is XML of something else.
            throw new StorageException(
                StorageError.Transient,
                Location,
                null,
                "the listing was answered with something else",
                e
            );
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Not Azure's word that there is no container, or in the middle of a listing. Taking it for the end would
            // hide files, and a prune by such a listing deletes live data.
            throw new StorageException(
                StorageError.Transient,
                Location,
                null,
                $"the listing was answered with 'not found': {AzureErrors.Describe(e)}",
                e
            );
        }
    }

    private StorageException Truncated(FileHandle handle, string message) =>
        new(StorageError.Truncated, Location, handle, message);

    private async Task RunAsync(FileHandle? handle, Func<Task> body, CancellationToken cancellationToken) =>
        await RunAsync(handle, Resultless.Of(body), cancellationToken);

    private async Task<T> RunAsync<T>(FileHandle? handle, Func<Task<T>> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await body();
        }
        catch (Exception e) when (AzureErrors.IsTranslated(e, cancellationToken))
        {
            throw AzureErrors.Translate(e, Location, handle);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && HttpFailures.IsMalformed(e))
        {
            throw new StorageException(
                StorageError.Invalid,
                Location,
                handle,
                $"the reply was not understood: {AzureErrors.FirstLine(e.Message)}",
                e
            );
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is not OperationCanceledException)
        {
            // A request that is stopped halfway fails in many ways; to the caller it is a cancellation.
            throw new OperationCanceledException("The operation was cancelled.", e, cancellationToken);
        }
    }
}
