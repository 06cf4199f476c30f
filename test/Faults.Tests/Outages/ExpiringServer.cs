using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Granary.Faults.Tests.Outages;

/// <summary>An S3 server that passes requests on to another one until the credentials expire.</summary>
internal sealed class ExpiringServer : IAsyncDisposable
{
    private readonly HttpClient _client = new();
    private readonly WebApplication _application;
    private readonly string _target;
    private readonly HttpStatusCode _status;
    private readonly string _code;
    private int _left;

    private ExpiringServer(string target, int requests, HttpStatusCode status, string code)
    {
        (_target, _left, _status, _code) = (target, requests, status, code);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        _application = builder.Build();
        _application.Run(HandleAsync);
    }

    /// <summary>Its address.</summary>
    public string Url => _application.Urls.Single();

    /// <summary>Whether a request has been refused.</summary>
    public bool HasExpired => Volatile.Read(ref _left) < 0;

    public static async Task<ExpiringServer> StartAsync(string target, int requests, HttpStatusCode status, string code)
    {
        var server = new ExpiringServer(target, requests, status, code);
        await server._application.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (Interlocked.Decrement(ref _left) < 0)
        {
            context.Response.StatusCode = (int)_status;
            context.Response.ContentType = "application/xml";
            await context.Response.WriteAsync(
                $"<Error><Code>{_code}</Code><Message>The provided token has expired.</Message></Error>",
                context.RequestAborted
            );
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        using var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method),
            $"{_target}{context.Request.Path}{context.Request.QueryString}"
        )
        {
            Content = new ByteArrayContent(body.ToArray()),
        };
        foreach (var (name, values) in context.Request.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        using var answer = await _client.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (name != "Transfer-Encoding")
            {
                context.Response.Headers[name] = values.ToArray();
            }
        }

        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
