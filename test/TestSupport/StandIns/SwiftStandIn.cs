using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Granary.TestSupport.StandIns;

/// <summary>Keystone version 3, TempAuth version 1 and a Swift account, in the test's process.</summary>
public class SwiftStandIn : IAsyncDisposable
{
    public const string Password = "kéy of the store";
    private readonly ConcurrentDictionary<string, ObjectShelf> _containers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _tokens = new(StringComparer.Ordinal);
    private int _signIns;
    private StubServer? _server;

    public string Url => _server?.Url ?? throw new InvalidOperationException("The server was not started.");

    public string StorageUrl => $"{PublicUrl ?? Url}/v1/AUTH_demo";

    /// <summary>The address that the catalogue names, where it is another one than <see cref="Url"/>.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>How often a token was given.</summary>
    public int SignIns => Volatile.Read(ref _signIns);

    /// <summary>The last question that Keystone was asked.</summary>
    public JsonNode? LastQuestion { get; private set; }

    public ObjectShelf Container(string name) => _containers[name];

    /// <summary>Makes every token that was given stale.</summary>
    public void ExpireTokens()
    {
        foreach (var token in _tokens.Keys)
        {
            _tokens[token] = false;
        }
    }

    /// <summary>Whether a token was given once and is good no more.</summary>
    public bool HasExpired(string token) => _tokens.TryGetValue(token, out var good) && !good;

    /// <summary>A token that is good now.</summary>
    public string NewToken()
    {
        Interlocked.Increment(ref _signIns);
        var token = Guid.NewGuid().ToString("N");
        _tokens[token] = true;
        return token;
    }

    /// <summary>Starts it.</summary>
    public async ValueTask InitializeAsync() => _server = await StubServer.StartAsync(HandleAsync);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _server!.DisposeAsync(); // set before it is used
    }

    private async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        context.Response.Headers["X-Trans-Id"] = $"tx{Guid.NewGuid():N}";
        if (path == "/auth/v1.0")
        {
            SignInWithVersionOne(context);
            return;
        }

        if (path == "/identity/v3/auth/tokens")
        {
            await SignInWithKeystoneAsync(context);
            return;
        }

        if (!_tokens.GetValueOrDefault(context.Request.Headers["X-Auth-Token"].ToString()))
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsync("<html><h1>Unauthorized</h1></html>");
            return;
        }

        var parts = path.Split('/', 5, StringSplitOptions.RemoveEmptyEntries);
        var answer = (parts, context.Request.Method) switch
        {
            (["v1", "AUTH_demo", var container], "PUT") => CreateContainer(context, container),
            (["v1", "AUTH_demo", var container], "HEAD") => WithContainer(context, container, shelf =>
                DescribeAsync(context, shelf)
            ),
            (["v1", "AUTH_demo", var container], "GET") => WithContainer(context, container, shelf =>
                ListAsync(context, shelf)
            ),
            (["v1", "AUTH_demo", var container, ..], var method) => WithContainer(context, container, shelf =>
                ObjectAsync(context, shelf, path.Split('/', 5)[4], method)
            ),
            _ => Answer(context, 405),
        };
        await answer;
    }

    private void SignInWithVersionOne(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers["X-Auth-User"] != "demo:backup" || headers["X-Auth-Key"] != "first-key")
        {
            context.Response.StatusCode = 401;
            return;
        }

        context.Response.Headers["X-Storage-Url"] = StorageUrl;
        context.Response.Headers["X-Auth-Token"] = NewToken();
    }

    private async Task SignInWithKeystoneAsync(HttpContext context)
    {
        LastQuestion = await JsonNode.ParseAsync(context.Request.Body);
        var identity = LastQuestion!["auth"]!["identity"]!;
        var given = (string?)identity["password"]?["user"]?["password"]
            ?? (string?)identity["application_credential"]?["secret"];
        if (given != Password)
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsJsonAsync(
                new { error = new { code = 401, message = "The request you have made requires authentication." } }
            );
            return;
        }

        context.Response.StatusCode = 201;
        context.Response.Headers["X-Subject-Token"] = NewToken();
        object[] endpoints =
        [
            new
            {
                @interface = "internal",
                region = "north",
                region_id = "north",
                url = "http://127.0.0.1:1/internal",
            },
            new
            {
                @interface = "public",
                region = "south",
                region_id = "south",
                url = "http://127.0.0.1:1/south",
            },
            new
            {
                @interface = "public",
                region = "north",
                region_id = "north",
                url = StorageUrl,
            },
        ];
        object[] catalog =
        [
            new { type = "identity", endpoints = Array.Empty<object>() },
            new { type = "object-store", endpoints },
        ];
        await context.Response.WriteAsJsonAsync(new { token = new { catalog } });
    }

    private Task CreateContainer(HttpContext context, string container) =>
        Answer(context, _containers.TryAdd(container, new ObjectShelf()) ? 201 : 202);

    private Task WithContainer(HttpContext context, string container, Func<ObjectShelf, Task> handle) =>
        _containers.TryGetValue(container, out var shelf) ? handle(shelf) : Answer(context, 404);

    private static Task DescribeAsync(HttpContext context, ObjectShelf shelf)
    {
        var objects = shelf.List("", "", int.MaxValue);
        context.Response.Headers["X-Container-Object-Count"] = $"{objects.Count}";
        context.Response.Headers["X-Container-Bytes-Used"] = $"{objects.Sum(item => item.Size)}";
        return Answer(context, 204);
    }

    private static Task ListAsync(HttpContext context, ObjectShelf shelf)
    {
        var query = context.Request.Query;
        var limit = int.TryParse(query["limit"], out var asked) ? asked : 10_000;
        var page = shelf.List(query["prefix"].ToString(), query["marker"].ToString(), limit);
        return context.Response.WriteAsJsonAsync(
            page.Select(item => new
            {
                name = item.Name,
                bytes = item.Size,
                hash = "",
                last_modified = "2026-01-01T00:00:00.000000",
            })
        );
    }

    private static async Task ObjectAsync(HttpContext context, ObjectShelf shelf, string name, string method)
    {
        switch (method)
        {
            case "GET" or "HEAD":
                await shelf.SendAsync(context, name);
                break;
            case "DELETE":
                context.Response.StatusCode = shelf.Remove(name) ? 204 : 404;
                break;
            default:
                context.Response.StatusCode = await PutAsync(context, shelf, name);
                break;
        }
    }

    private static async Task<int> PutAsync(HttpContext context, ObjectShelf shelf, string name)
    {
        var createOnly = context.Request.Headers.IfNoneMatch == "*";
        if (createOnly && shelf.Contains(name))
        {
            return 412;
        }

        var content = await ObjectShelf.BodyAsync(context);
        if (context.Request.Headers.ETag != Convert.ToHexStringLower(MD5.HashData(content)))
        {
            return 422;
        }

        if (createOnly)
        {
            return shelf.TryAdd(name, content) ? 201 : 412;
        }

        shelf.Put(name, content);
        return 201;
    }

    private static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
