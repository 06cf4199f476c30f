using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Granary.TestSupport.StandIns;

/// <summary>
/// Google's token endpoint and the part of Cloud Storage's JSON API that is used, in the test's process.
/// </summary>
/// <remarks>
/// It checks the signature of the JWT that a service account signs, the tokens, the MD5 of uploads, and conditions.
/// </remarks>
public class GcsStandIn : IAsyncDisposable
{
    private const string Account = "backup@demo.iam.gserviceaccount.com";
    private readonly RSA _key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, ObjectShelf> _buckets = new(StringComparer.Ordinal);
    private readonly string _token = Guid.NewGuid().ToString("N");
    private StubServer? _server;

    public string Url => _server?.Url ?? throw new InvalidOperationException("The server was not started.");

    public string Token => _token;

    /// <summary>The JSON that Google gives for a service account's key.</summary>
    public string ServiceAccountKey => KeyFileFor(_key);

    public ObjectShelf Bucket(string name) => _buckets[name];

    /// <summary>Certificate and key files for TLS, or null for plain HTTP.</summary>
    public (string Certificate, string Key)? Certificate { get; init; }

    /// <summary>Starts it.</summary>
    public async ValueTask InitializeAsync() => _server = await StubServer.StartAsync(HandleAsync, Certificate);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _server!.DisposeAsync(); // set before it is used
        _key.Dispose();
    }

    /// <summary>A key file for this account with another key.</summary>
    public string KeyFileFor(RSA key) =>
        new JsonObject
        {
            ["type"] = "service_account",
            ["project_id"] = "demo",
            ["private_key_id"] = "1",
            ["private_key"] = key.ExportPkcs8PrivateKeyPem(),
            ["client_email"] = Account,
            ["token_uri"] = $"{Url}/token",
        }.ToJsonString();

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Path == "/token")
        {
            await GiveTokenAsync(context);
            return;
        }

        if (request.Headers.Authorization != $"Bearer {_token}")
        {
            await RefuseAsync(context, 401, "Invalid Credentials");
            return;
        }

        // The path as it was sent: object names hold escaped slashes.
        var path = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget.Split('?')[
            0
        ];
        string[] parts = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        var answer = (parts, request.Method) switch
        {
            (["storage", "v1", "b"], "POST") => CreateBucketAsync(context),
            (["storage", "v1", "b", var bucket], "GET") => RefuseUnlessAsync(context, _buckets.ContainsKey(bucket)),
            (["storage", "v1", "b", var bucket, "o"], "GET") => WithBucketAsync(context, bucket, shelf =>
                ListAsync(context, shelf)
            ),
            (["upload", "storage", "v1", "b", var bucket, "o"], "POST") => WithBucketAsync(context, bucket, shelf =>
                UploadAsync(context, shelf)
            ),
            (["storage", "v1", "b", var bucket, "o", var name], "GET") => WithBucketAsync(context, bucket, shelf =>
                GetAsync(context, shelf, name)
            ),
            (["storage", "v1", "b", var bucket, "o", var name], "DELETE") => WithBucketAsync(context, bucket, shelf =>
                RefuseUnlessAsync(context, shelf.Remove(name), 204)
            ),
            _ => RefuseAsync(context, 405, $"{request.Method} {path}"),
        };
        await answer;
    }

    private async Task GiveTokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var jwt = form["assertion"].ToString().Split('.');
        var signed = Encoding.ASCII.GetBytes($"{jwt[0]}.{jwt[1]}");
        var claims = JsonNode.Parse(WebEncoders.Base64UrlDecode(jwt[1]))!;
        var sound =
            _key.VerifyData(
                signed,
                WebEncoders.Base64UrlDecode(jwt[2]),
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pkcs1
            )
            && (string?)claims["iss"] == Account
            && (string?)claims["scope"] == "https://www.googleapis.com/auth/devstorage.read_write";
        context.Response.StatusCode = sound ? 200 : 400;
        await context.Response.WriteAsJsonAsync<object>(
            sound
                ? new
                {
                    access_token = _token,
                    token_type = "Bearer",
                    expires_in = 3600,
                }
                : new { error = "invalid_grant", error_description = "Invalid JWT Signature." }
        );
    }

    private async Task CreateBucketAsync(HttpContext context)
    {
        var name = (string?)(await JsonNode.ParseAsync(context.Request.Body))!["name"];
        await RefuseUnlessAsync(
            context,
            context.Request.Query["project"] == "demo" && _buckets.TryAdd(name!, new ObjectShelf()),
            failure: 409
        );
    }

    private Task WithBucketAsync(HttpContext context, string bucket, Func<ObjectShelf, Task> handle) =>
        _buckets.TryGetValue(bucket, out var shelf)
            ? handle(shelf)
            : RefuseAsync(context, 404, "The specified bucket does not exist.");

    private static async Task ListAsync(HttpContext context, ObjectShelf shelf)
    {
        var query = context.Request.Query;
        var limit = int.Parse(query["maxResults"]!);
        var page = shelf.List(query["prefix"]!, query["pageToken"].ToString(), limit + 1);
        var items = page.Take(limit).Select(item => new { name = item.Name, size = item.Size.ToString() });
        await context.Response.WriteAsJsonAsync<object>(
            page.Count > limit ? new { items, nextPageToken = page[limit - 1].Name }
            : page.Count > 0 ? new { items }
            : new { }
        );
    }

    private static async Task UploadAsync(HttpContext context, ObjectShelf shelf)
    {
        var boundary = Microsoft
            .Net.Http.Headers.MediaTypeHeaderValue.Parse(context.Request.ContentType)
            .Boundary.Value!.Trim('"');
        var reader = new MultipartReader(boundary, context.Request.Body);
        var metadata = (await JsonSerializer.DeserializeAsync<JsonNode>((await reader.ReadNextSectionAsync())!.Body))!;
        using var media = new MemoryStream();
        await (await reader.ReadNextSectionAsync())!.Body.CopyToAsync(media, context.RequestAborted);
        var content = media.ToArray();
        if ((string?)metadata["md5Hash"] != Convert.ToBase64String(MD5.HashData(content)))
        {
            await RefuseAsync(context, 400, "Provided MD5 hash doesn't match calculated MD5 hash.");
            return;
        }

        var name = (string)metadata["name"]!;
        if (context.Request.Query["ifGenerationMatch"] == "0" && !shelf.TryAdd(name, content))
        {
            await RefuseAsync(context, 412, "At least one of the pre-conditions you specified did not hold.");
            return;
        }

        shelf.Put(name, content);
        await context.Response.WriteAsJsonAsync(new { size = content.Length.ToString() });
    }

    private static Task GetAsync(HttpContext context, ObjectShelf shelf, string name)
    {
        if (context.Request.Query["alt"] == "media")
        {
            return shelf.SendAsync(context, name);
        }

        return shelf.Find(name) is { } content
            ? context.Response.WriteAsJsonAsync(new { name, size = content.Length.ToString() })
            : RefuseAsync(context, 404, $"No such object: {name}");
    }

    private static Task RefuseUnlessAsync(HttpContext context, bool success, int status = 200, int failure = 404)
    {
        context.Response.StatusCode = status;
        return success
            ? status == 204
                ? Task.CompletedTask
                : context.Response.WriteAsJsonAsync(new { })
            : RefuseAsync(context, failure, "Not Found");
    }

    private static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error = new { code = status, message } });
    }
}
