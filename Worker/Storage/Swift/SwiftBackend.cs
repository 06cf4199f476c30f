using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Granary.Storage.Http;
using Granary.Storage.Layouts;

namespace Granary.Storage.Swift;

/// <summary>A repository in a container of OpenStack Swift.</summary>
/// <remarks>
/// Objects appear whole; the MD5 goes along as ETag and the store checks it; create-only is <c>If-None-Match: *</c>. A
/// token that has grown stale is a passing fault: the next try signs in again. Source: repository format, "Backend
/// contracts".
/// </remarks>
public sealed class SwiftBackend : HttpBackend
{
    private const string TokenHeader = "X-Auth-Token";

    // "The transaction ID is included in every response": Object Storage API, container GET. Ceph's gateway does the
    // same.
    private const string TransactionHeader = "X-Trans-Id";
    private readonly SwiftOptions _options;
    private readonly ObjectNames _names;
    private readonly SemaphoreSlim _signingIn = new(1);
    private volatile SwiftSession? _session;

    private SwiftBackend(SwiftOptions options, ObjectNames names, TimeProvider time)
        : base(
            $"swift:{options.Container}:/{names.Folder}",
            options.Connections,
            options.Transport,
            time,
            options.Identity.Secrets
        )
    {
        options.Identity.Check(Location);
        _options = options;
        _names = names;
    }

    /// <summary>Makes the backend; sends nothing yet.</summary>
    /// <exception cref="StorageException">
    /// <see cref="StorageError.Invalid"/>: address, key, prefix or certificate cannot work.
    /// </exception>
    public static SwiftBackend Create(SwiftOptions options, TimeProvider time) =>
        new(options, new ObjectNames(options.Prefix, $"swift:{options.Container}"), time);

    /// <inheritdoc/>
    public override Task PrepareAsync(CancellationToken cancellationToken) =>
        RunAsync(
            null,
            async () =>
            {
                using var request = await RequestAsync(HttpMethod.Put, "", cancellationToken);
                using var response = await SendAsync(request, cancellationToken);
                if (response.StatusCode != HttpStatusCode.Forbidden)
                {
                    // Users that may touch objects only cannot make containers. If they are wrong, the first save says
                    // so.
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
                using var request = await RequestAsync(HttpMethod.Put, NameInUrl(name), cancellationToken);
                content.Position = 0;
                request.Headers.TryAddWithoutValidation("ETag", Md5Of(content));
                if (mode == SaveMode.CreateOnly)
                {
                    request.Headers.TryAddWithoutValidation("If-None-Match", "*");
                }

                Attach(request, content);
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
        var query = $"?format=json&limit={_options.ListPageSize}&prefix={Uri.EscapeDataString(_names.PrefixOf(kind))}";
        var marker = "";
        while (true)
        {
            var url = $"{query}&marker={Uri.EscapeDataString(marker)}";
            var page = await RunAsync(
                null,
                () => FetchPageAsync(url, isFirst: marker.Length == 0, cancellationToken),
                cancellationToken
            );
            if (page.Count == 0)
            {
                // A short page is not the end: servers may have a smaller limit than the one asked for.
                yield break;
            }

            foreach (var item in page)
            {
                if (_names.EntryFor(kind, item.Name, item.Bytes) is { } entry)
                {
                    yield return entry;
                }
            }

            marker = page[^1].Name;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _signingIn.Dispose();
    }

    /// <inheritdoc/>
    protected override Task<HttpRequestMessage> ContentRequestAsync(
        FileHandle handle,
        CancellationToken cancellationToken
    ) => RequestAsync(HttpMethod.Get, NameInUrl(_names.NameOf(handle)), cancellationToken);

    /// <inheritdoc/>
    protected override Task<HttpRequestMessage> DeleteRequestAsync(
        FileHandle handle,
        CancellationToken cancellationToken
    ) => RequestAsync(HttpMethod.Delete, NameInUrl(_names.NameOf(handle)), cancellationToken);

    /// <inheritdoc/>
    protected override async Task ExpectSuccessAsync(
        HttpResponseMessage response,
        FileHandle? handle,
        CancellationToken cancellationToken
    )
    {
        await base.ExpectSuccessAsync(response, handle, cancellationToken);
        if (_session is { } session && session.Token.Reveal() == TokenOf(response))
        {
            session.Worked = true;
        }
    }

    /// <inheritdoc/>
    protected override StorageError Classify(HttpResponseMessage response) =>
        response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => Refused(TokenOf(response)),
            HttpStatusCode.RequestEntityTooLarge => StorageError.Full, // Swift's answer to a quota
            // The bytes did not have the MD5 that they left with
            HttpStatusCode.UnprocessableEntity => StorageError.Transient,
            _ => base.Classify(response),
        };

#pragma warning disable CA5351 // MD5 is what the store checks uploads by: against accidents, not attackers.
    private static string Md5Of(Stream content) => Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351

    private static string NameInUrl(string name) =>
        "/" + string.Join('/', name.Split('/').Select(Uri.EscapeDataString));

    // A token that worked has grown stale, and signing in again gives a new one, unless it came from elsewhere. One
    // that never worked is wrong for good. A refusal may also come late, when another connection has signed in again
    // already.
    private StorageError Refused(string? token)
    {
        if (token is null || _options.Identity is SwiftToken)
        {
            return StorageError.AccessDenied;
        }

        if (_session is not { } session || session.Token.Reveal() != token)
        {
            return StorageError.Transient;
        }

        if (!session.Worked)
        {
            return StorageError.AccessDenied;
        }

        _session = null;
        return StorageError.Transient;
    }

    private static string? TokenOf(HttpResponseMessage response) =>
        response.RequestMessage?.Headers.TryGetValues(TokenHeader, out var values) == true ? values.First() : null;

    private async Task<List<SwiftObject>> FetchPageAsync(string url, bool isFirst, CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(HttpMethod.Get, url, cancellationToken);
        using var response = await SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            // Only Swift itself can say that there is no container, and then it says so at once.
            return isFirst && response.Headers.Contains(TransactionHeader)
                ? []
                : throw await UnbelievableAsync(response, cancellationToken);
        }

        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return [];
        }

        await ExpectSuccessAsync(response, null, cancellationToken);
        return await response.Content.ReadFromJsonAsync(SwiftJson.Default.ListSwiftObject, cancellationToken) ?? [];
    }

    private async Task<HttpRequestMessage> RequestAsync(
        HttpMethod method,
        string objectOrQuery,
        CancellationToken cancellationToken
    )
    {
        var session = _session ?? await SignInOnceAsync(cancellationToken);
        var url = $"{session.StorageUrl}/{Uri.EscapeDataString(_options.Container)}{objectOrQuery}";
        return new HttpRequestMessage(method, new Uri(url)) { Headers = { { TokenHeader, session.Token.Reveal() } } };
    }

    private async Task<SwiftSession> SignInOnceAsync(CancellationToken cancellationToken)
    {
        await _signingIn.WaitAsync(cancellationToken);
        try
        {
            return _session ??= await SignInAsync(cancellationToken);
        }
        finally
        {
            _signingIn.Release();
        }
    }

    private async Task<SwiftSession> SignInAsync(CancellationToken cancellationToken) =>
        _options.Identity switch
        {
            SwiftToken given => new SwiftSession(given.StorageUrl.TrimEnd('/'), given.Token),
            SwiftVersionOne one => await SignInAsync(one, cancellationToken),
            SwiftKeystone keystone => await SignInAsync(keystone, cancellationToken),
            _ => throw new InvalidOperationException($"Unknown identity {_options.Identity.GetType().Name}."),
        };

    private async Task<SwiftSession> SignInAsync(SwiftVersionOne identity, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(identity.AuthUrl))
        {
            Headers = { { "X-Auth-User", identity.User }, { "X-Auth-Key", identity.Key.Reveal() } },
        };
        using var response = await SendAsync(request, cancellationToken);
        await ExpectSuccessAsync(response, null, cancellationToken);
        return new SwiftSession(
            Header(response, "X-Storage-Url").TrimEnd('/'),
            new Secret(Header(response, TokenHeader))
        );
    }

    private async Task<SwiftSession> SignInAsync(SwiftKeystone identity, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(KeystoneRequest.UrlOf(identity)))
        {
            Content = JsonContent.Create(KeystoneRequest.BodyOf(identity), SwiftJson.Default.JsonObject),
        };
        using var response = await SendAsync(request, cancellationToken);
        await ExpectSuccessAsync(response, null, cancellationToken);
        var answer = await response.Content.ReadFromJsonAsync(SwiftJson.Default.KeystoneAnswer, cancellationToken);
        var storage = answer?.StorageUrlIn(identity.Region)
            ?? throw Failure(
                StorageError.Invalid,
                null,
                $"the identity service knows no object storage in region '{identity.Region ?? "any"}'"
            );
        return new SwiftSession(storage.TrimEnd('/'), new Secret(Header(response, "X-Subject-Token")));
    }

    private string Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values)
            ? values.First()
            : throw Failure(StorageError.Invalid, null, $"signing in gave no {name}");
}
