using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Granary.Storage.Http;
using Granary.Storage.Layouts;

namespace Granary.Storage.Gcs;

/// <summary>A repository in a bucket of Google Cloud Storage, by its JSON API.</summary>
/// <remarks>
/// A save is one request with the content's MD5, which the store checks; create-only is <c>ifGenerationMatch=0</c>.
/// Objects appear whole. Source: repository format, "Backend contracts".
/// </remarks>
public sealed class GcsBackend : HttpBackend
{
    private readonly GcsOptions _options;
    private readonly ObjectNames _names;
    private readonly GcsIdentity _identity;
    private readonly string _objects;

    private GcsBackend(GcsOptions options, ObjectNames names, TimeProvider time)
        : base(
            $"gs:{options.Bucket}:/{names.Folder}",
            options.Connections,
            options.Transport,
            time,
            [options.ServiceAccountKey]
        )
    {
        _options = options with { Endpoint = options.Endpoint.TrimEnd('/') };
        _names = names;
        _identity = new GcsIdentity(
            options.ServiceAccountKey,
            Location,
            Transport.CreateHandler(options.Transport, Location, time)
        );
        _objects = $"/storage/v1/b/{Uri.EscapeDataString(options.Bucket)}/o";
    }

    /// <summary>Makes the backend; sends nothing yet.</summary>
    public static GcsBackend Create(GcsOptions options, TimeProvider time) =>
        new(options, new ObjectNames(options.Prefix, $"gs:{options.Bucket}"), time);

    /// <inheritdoc/>
    public override Task PrepareAsync(CancellationToken cancellationToken) =>
        RunAsync(
            null,
            async () =>
            {
                using var request = await RequestAsync(
                    HttpMethod.Get,
                    $"/storage/v1/b/{Uri.EscapeDataString(_options.Bucket)}?fields=name",
                    cancellationToken
                );
                using var response = await SendAsync(request, cancellationToken);
                if (response.StatusCode == HttpStatusCode.NotFound && _options.ProjectId is { Length: > 0 } project)
                {
                    await CreateBucketAsync(project, cancellationToken);
                }
                else if (response.StatusCode != HttpStatusCode.Forbidden)
                {
                    // Accounts that may touch objects only cannot look at the bucket. If they are wrong, the first save
                    // says so.
                    await ExpectSuccessAsync(response, null, cancellationToken);
                }
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public override Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    )
    {
        var name = _names.NameOf(handle);
        return RunAsync(
            handle,
            async () =>
            {
                var condition = mode == SaveMode.CreateOnly ? "&ifGenerationMatch=0" : "";
                using var request = await RequestAsync(
                    HttpMethod.Post,
                    $"/upload{_objects}?uploadType=multipart&fields=size{condition}",
                    cancellationToken
                );
                content.Position = 0;
                var item = new GcsObject(name, null, Md5Of(content), _options.StorageClass);
                using var metadata = new ByteArrayContent(
                    JsonSerializer.SerializeToUtf8Bytes(item, GcsJson.Default.GcsObject)
                )
                {
                    Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
                };
                using var body = new MultipartContent("related") { metadata, new SourceContent(content) };
                request.Content = body;
                using var response = await SendAsync(request, cancellationToken);
                if (response.StatusCode == HttpStatusCode.PreconditionFailed)
                {
                    throw Failure(StorageError.AlreadyExists, handle, "the object exists");
                }

                await ExpectSuccessAsync(response, handle, cancellationToken);
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<FileEntry> ListAsync(
        FileKind kind,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var query =
            $"{_objects}?maxResults={_options.ListPageSize}&fields=items(name,size),nextPageToken"
            + $"&prefix={Uri.EscapeDataString(_names.PrefixOf(kind))}";
        string? next = null;
        do
        {
            var url = next is null ? query : $"{query}&pageToken={Uri.EscapeDataString(next)}";
            var page = await RunAsync(
                null,
                () => FetchPageAsync(url, isFirst: next is null, cancellationToken),
                cancellationToken
            );
            foreach (var item in page.Items ?? [])
            {
                if (_names.EntryFor(kind, item.Name, item.Size ?? 0) is { } entry)
                {
                    yield return entry;
                }
            }

            next = page.NextPageToken;
        } while (next is not null);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _identity.Dispose();
    }

    /// <inheritdoc/>
    protected override Task<HttpRequestMessage> ContentRequestAsync(
        FileHandle handle,
        CancellationToken cancellationToken
    ) => RequestAsync(HttpMethod.Get, $"{PathOf(handle)}?alt=media", cancellationToken);

    /// <inheritdoc/>
    protected override Task<HttpRequestMessage> DeleteRequestAsync(
        FileHandle handle,
        CancellationToken cancellationToken
    ) => RequestAsync(HttpMethod.Delete, PathOf(handle), cancellationToken);

    /// <inheritdoc/>
    protected override async Task<long?> FindSizeAsync(FileHandle handle, CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(HttpMethod.Get, $"{PathOf(handle)}?fields=name,size", cancellationToken);
        using var response = await SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await ExpectSuccessAsync(response, handle, cancellationToken);
        return (await response.Content.ReadFromJsonAsync(GcsJson.Default.GcsObject, cancellationToken))?.Size;
    }

    private async Task<GcsPage> FetchPageAsync(string url, bool isFirst, CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(HttpMethod.Get, url, cancellationToken);
        using var response = await SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            // Only the API itself can say that there is no bucket, and then it says so at once.
            return isFirst && await IsOfTheApiAsync(response, cancellationToken)
                ? new GcsPage(null, null)
                : throw await UnbelievableAsync(response, cancellationToken);
        }

        await ExpectSuccessAsync(response, null, cancellationToken);
        return await response.Content.ReadFromJsonAsync(GcsJson.Default.GcsPage, cancellationToken)
            ?? new GcsPage(null, null);
    }

    // The API's errors are {"error": {"code": 404, …}}; proxies answer with pages or with nothing.
    private static async Task<bool> IsOfTheApiAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        try
        {
            var answer = JsonSerializer.Deserialize(
                await response.Content.ReadAsByteArrayAsync(cancellationToken),
                GcsJson.Default.GcsRefusal
            );
            return answer?.Error?.Code == (int)response.StatusCode;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private async Task CreateBucketAsync(string project, CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(
            HttpMethod.Post,
            $"/storage/v1/b?project={Uri.EscapeDataString(project)}",
            cancellationToken
        );
        request.Content = JsonContent.Create(new GcsBucket(_options.Bucket), GcsJson.Default.GcsBucket);
        using var response = await SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Conflict)
        {
            await ExpectSuccessAsync(response, null, cancellationToken);
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(
        HttpMethod method,
        string pathAndQuery,
        CancellationToken cancellationToken
    )
    {
        var token = await _identity.TokenAsync(cancellationToken);
        return new HttpRequestMessage(method, new Uri(_options.Endpoint + pathAndQuery))
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
    }

    private string PathOf(FileHandle handle) => $"{_objects}/{Uri.EscapeDataString(_names.NameOf(handle))}";

#pragma warning disable CA5351 // MD5 is what the store checks uploads by: against accidents, not attackers.
    private static string Md5Of(Stream content) => Convert.ToBase64String(MD5.HashData(content));
#pragma warning restore CA5351
}
