using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;

namespace Granary.DevCluster.Api.OpenApi;

/// <summary>
/// Publishes the schemas: an index, and a document per group version. kubectl validates and explains by them.
/// </summary>
internal sealed class OpenApiDocuments(ResourceCatalog catalog)
{
    private const string Root = "/openapi/v3";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (byte[] Body, string Hash)> _made = new(StringComparer.Ordinal);
    private IReadOnlyList<ResourceDefinition>? _madeOf;

    public async Task<bool> TryHandleAsync(HttpContext http, string path)
    {
        if (path == Root)
        {
            await ResponseJson.WriteAsync(http, 200, Index(), "text/plain; charset=utf-8");
            return true;
        }

        if (
            !path.StartsWith(Root + "/", StringComparison.Ordinal)
            || !Names().Contains(path[(Root.Length + 1)..], StringComparer.Ordinal)
        )
        {
            return false;
        }

        var (body, hash) = Document(path[(Root.Length + 1)..]);
        http.Response.Headers.ETag = $"\"{hash}\"";
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
        return true;
    }

    private JsonObject Index()
    {
        var paths = new JsonObject();
        foreach (var name in Names())
        {
            paths[name] = new JsonObject { ["serverRelativeURL"] = $"{Root}/{name}?hash={Document(name).Hash}" };
        }

        return new JsonObject { ["paths"] = paths };
    }

    private IEnumerable<string> Names() =>
        catalog
            .All.Select(r => r.Group.Length == 0 ? $"api/{r.Version}" : $"apis/{r.ApiVersion}")
            .Distinct(StringComparer.Ordinal);

    private (byte[] Body, string Hash) Document(string name)
    {
        lock (_gate)
        {
            var all = catalog.All;
            if (!ReferenceEquals(all, _madeOf))
            {
                // Only documents of custom groups can change.
                foreach (
                    var stale in _made
                        .Keys.Where(k => k.Contains('.') && !k.EndsWith(".k8s.io/v1", StringComparison.Ordinal))
                        .ToArray()
                )
                {
                    _made.Remove(stale);
                }

                _madeOf = all;
            }

            if (!_made.TryGetValue(name, out var made))
            {
                var resources = all.Where(r =>
                    name == (r.Group.Length == 0 ? $"api/{r.Version}" : $"apis/{r.ApiVersion}")
                );
                var body = Encoding.UTF8.GetBytes(OpenApiDocument.Make([.. resources]).ToJsonString());
                made = (body, Convert.ToHexString(SHA512.HashData(body)));
                _made[name] = made;
            }

            return made;
        }
    }
}
