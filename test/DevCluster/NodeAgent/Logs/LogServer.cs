using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Granary.DevCluster.Nodes.Pods;
using Granary.DevCluster.Nodes.Status;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Nodes.Logs;

/// <summary>
/// Serves containers' logs on loopback, to whoever knows the token: <c>GET /logs/{namespace}/{pod}/{container}</c>.
/// </summary>
internal sealed class LogServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Func<string, string, PodWorker?> _find;

    private LogServer(WebApplication app, Func<string, string, PodWorker?> find) => (_app, _find) = (app, find);

    public string Token { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(24)).ToLowerInvariant();

    public Uri Address => new(_app.Urls.First());

    public static async Task<LogServer> StartAsync(Func<string, string, PodWorker?> find, CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http1)
        );
        var app = builder.Build();
        var server = new LogServer(app, find);
        app.MapGet("/logs/{ns}/{pod}/{container}", server.ServeAsync);
        await app.StartAsync(ct);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(soon.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _app.DisposeAsync();
    }

    private static LogQuery Query(IQueryCollection query)
    {
        long? Number(string name) => long.TryParse(query[name], CultureInfo.InvariantCulture, out var n) ? n : null;
        bool Flag(string name) => query[name] == "true" || query[name] == "1";
        return new LogQuery
        {
            Follow = Flag("follow"),
            Timestamps = Flag("timestamps"),
            TailLines = Number("tailLines"),
            LimitBytes = Number("limitBytes"),
            Since =
                Number("sinceSeconds") is { } seconds ? DateTimeOffset.UtcNow.AddSeconds(-seconds)
                : DateTimeOffset.TryParse(
                    query["sinceTime"],
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out var since
                )
                    ? since
                : null,
        };
    }

    private async Task ServeAsync(HttpContext http, string ns, string pod, string container)
    {
        var given = Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString());
        if (!CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes($"Bearer {Token}")))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var worker = _find(ns, pod);
        var record = worker?.Records.FirstOrDefault(record => record.Name == container);
        if (record is null)
        {
            await RefuseAsync(
                http,
                StatusCodes.Status404NotFound,
                $"container \"{container}\" of pod \"{pod}\" is not known on this node"
            );
            return;
        }

        var previous = http.Request.Query["previous"] == "true";
        var restart = record.RestartCount - (previous ? 1 : 0);
        var path = restart < 0 ? "" : PodSandbox.LogPath(worker!.PodDirectory, container, restart);
        if (!previous && !File.Exists(path) && restart > 0)
        {
            // Waiting for its next start: the last run's log is the current one.
            path = PodSandbox.LogPath(worker!.PodDirectory, container, --restart);
        }

        if (!File.Exists(path))
        {
            await RefuseAsync(
                http,
                StatusCodes.Status400BadRequest,
                previous
                    ? $"previous terminated container \"{container}\" in pod \"{pod}\" not found"
                    : $"container \"{container}\" in pod \"{pod}\" is waiting to start: "
                        + $"{record.State.Waiting?.Reason ?? "ContainerCreating"}"
            );
            return;
        }

        http.Response.ContentType = "text/plain";
        await http.Response.StartAsync(http.RequestAborted);
        bool Ended() => worker!.Ended.IsCompleted || !record.IsRunning || record.RestartCount != restart;
        try
        {
            await LogReader.CopyAsync(path, Query(http.Request.Query), Ended, http.Response.Body, http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The reader went away.
        }
    }

    private static Task RefuseAsync(HttpContext http, int code, string message)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync(message);
    }
}
