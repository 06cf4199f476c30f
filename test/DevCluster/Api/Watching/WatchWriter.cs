using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Routing;

namespace Granary.DevCluster.Api.Watching;

/// <summary>Writes events, one per line, in the form that the client asked for.</summary>
internal sealed class WatchWriter(HttpContext http, Func<JsonObject, JsonObject> represent) : IDisposable
{
    private readonly MemoryStream _pending = new();

    /// <summary>Sends the headers, so that the client knows that the watch has begun.</summary>
    public async Task BeginAsync()
    {
        http.Response.ContentType = "application/json";
        http.Response.StatusCode = StatusCodes.Status200OK;
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    public void Add(string type, JsonObject value)
    {
        var line = new JsonObject { ["type"] = type, ["object"] = type == "ERROR" ? value : represent(value) };
        using (var writer = new Utf8JsonWriter(_pending, ResponseJson.WriterOptions))
        {
            line.WriteTo(writer);
        }

        _pending.WriteByte((byte)'\n');
    }

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_pending.Length == 0)
        {
            return;
        }

        await http.Response.Body.WriteAsync(_pending.GetBuffer().AsMemory(0, (int)_pending.Length), cancellationToken);
        _pending.SetLength(0);
        await http.Response.Body.FlushAsync(cancellationToken);
    }

    public void Dispose() => _pending.Dispose();
}
