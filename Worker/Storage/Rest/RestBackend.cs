using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Granary.Storage.Http;
using Granary.Storage.Layouts;

namespace Granary.Storage.Rest;

/// <summary>A repository on a REST server (restic's own rest-server, <c>rclone serve restic</c>).</summary>
/// <remarks>
/// The protocol never overwrites. <see cref="SaveMode.Replace"/> therefore deletes first and is not atomic here; a
/// server in append-only mode refuses it. Source: repository format, "REST protocol".
/// </remarks>
public sealed class RestBackend : HttpBackend
{
    private const string VersionTwo = "application/vnd.x.restic.rest.v2";
    private readonly Uri _base;
    private readonly AuthenticationHeaderValue? _authorization;

    private RestBackend(RestOptions options, RestAddress address, TimeProvider time)
        : base($"rest:{address.Base}", options.Connections, options.Transport, time, [address.Password])
    {
        _base = address.Base;
        Credentials.RequireText(
            Location,
            ("REST_SERVER_USERNAME", address.UserName),
            ("REST_SERVER_PASSWORD", address.Password?.Reveal())
        );
        if (address.UserName is { } user)
        {
            var account = Encoding.UTF8.GetBytes($"{user}:{address.Password?.Reveal()}");
            _authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(account));
        }
    }

    /// <summary>Makes the backend; sends nothing yet.</summary>
    /// <exception cref="StorageException">
    /// <see cref="StorageError.Invalid"/>: address or certificate cannot work.
    /// </exception>
    public static RestBackend Create(RestOptions options, TimeProvider time) =>
        new(options, RestAddress.Parse(options), time);

    /// <inheritdoc/>
    public override Task PrepareAsync(CancellationToken cancellationToken) =>
        RunAsync(
            null,
            async () =>
            {
                using var request = Request(HttpMethod.Post, "?create=true");
                using var response = await SendAsync(request, cancellationToken);
                await ExpectSuccessAsync(response, null, cancellationToken);
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public override async Task SaveAsync(
        FileHandle handle,
        Stream content,
        SaveMode mode,
        CancellationToken cancellationToken
    )
    {
        var path = Layout.Flat.PathOf(handle);
        if (mode == SaveMode.Replace)
        {
            await DeleteAsync(handle, cancellationToken);
        }

        await RunAsync(
            handle,
            async () =>
            {
                using var request = Request(HttpMethod.Post, path);
                Attach(request, content);
                using var response = await SendAsync(request, cancellationToken);
                switch (response.StatusCode)
                {
                    case HttpStatusCode.Forbidden when await FindSizeAsync(handle, cancellationToken) is not null:
                        // The server says "forbidden" for a name that is taken just as for a user who may not write.
                        throw Failure(StorageError.AlreadyExists, handle, "the file exists");
                    case HttpStatusCode.BadRequest:
                        // The server found that the bytes do not hash to the name. They did when they left.
                        throw Failure(StorageError.Transient, handle, "the server received damaged bytes (HTTP 400)");
                    default:
                        await ExpectSuccessAsync(response, handle, cancellationToken);
                        break;
                }
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
        var folder = Layout.FolderOf(kind);
        var entries = await RunAsync(null, () => FetchListAsync(folder, cancellationToken), cancellationToken);
        foreach (var (name, known) in entries)
        {
            if (!Layout.IsFileName(name))
            {
                continue;
            }

            // Version 1 lists names only. Whether a file vanished since then, a new listing will tell; a lone 404 could
            // as well be a proxy's.
            var handle = new FileHandle(kind, name);
            var size = known
                ?? await SizeAsync(handle, cancellationToken)
                ?? throw Failure(
                    StorageError.Transient,
                    handle,
                    "the server listed this file and then did not find it"
                );
            yield return new FileEntry(name, size);
        }
    }

    /// <inheritdoc/>
    protected override Task ExpectSuccessAsync(
        HttpResponseMessage response,
        FileHandle? handle,
        CancellationToken cancellationToken
    ) =>
        response.StatusCode == HttpStatusCode.Forbidden && response.RequestMessage?.Method == HttpMethod.Delete
            ? throw Failure(
                StorageError.AccessDenied,
                handle,
                "the server does not let this be deleted: it is append-only, or the user may only add (HTTP 403)"
            )
            : base.ExpectSuccessAsync(response, handle, cancellationToken);

    /// <inheritdoc/>
    protected override Task<HttpRequestMessage> ContentRequestAsync(
        FileHandle handle,
        CancellationToken cancellationToken
    ) => Task.FromResult(Request(HttpMethod.Get, Layout.Flat.PathOf(handle)));

    /// <inheritdoc/>
    protected override Task<HttpRequestMessage> DeleteRequestAsync(
        FileHandle handle,
        CancellationToken cancellationToken
    ) => Task.FromResult(Request(HttpMethod.Delete, Layout.Flat.PathOf(handle)));

    private async Task<List<RestFile>> FetchListAsync(string folder, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, folder);
        request.Headers.Accept.ParseAdd(VersionTwo);
        using var response = await SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return await IsMissingFolderAsync(response, cancellationToken)
                ? []
                : throw await UnbelievableAsync(response, cancellationToken);
        }

        await ExpectSuccessAsync(response, null, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (response.Content.Headers.ContentType?.MediaType == VersionTwo)
        {
            return await JsonSerializer.DeserializeAsync(body, RestJson.Default.ListRestFile, cancellationToken) ?? [];
        }

        var names = await JsonSerializer.DeserializeAsync(body, RestJson.Default.ListString, cancellationToken) ?? [];
        return [.. names.Select(name => new RestFile(name, null))];
    }

    // The answer of rest-server for a folder that is not there. rclone says 404 for any fault inside it. Proxies and
    // routers say so for a server that they do not reach (Traefik's "404 page not found").
    private static async Task<bool> IsMissingFolderAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        if (
            response.Content.Headers.ContentType?.MediaType != "text/plain"
            || response.Headers.Server.Any(part =>
                string.Equals(part.Product?.Name, "rclone", StringComparison.OrdinalIgnoreCase)
            )
        )
        {
            return false;
        }

        await response.Content.LoadIntoBufferAsync(cancellationToken);
        return (await response.Content.ReadAsStringAsync(cancellationToken)).Trim() == "Not Found";
    }

    private HttpRequestMessage Request(HttpMethod method, string path) =>
        new(method, new Uri(_base, path)) { Headers = { Authorization = _authorization } };
}
