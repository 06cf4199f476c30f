using System.Text.Json.Nodes;
using Granary.DevCluster.Api.OpenApi;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;

namespace Granary.DevCluster.Api.Discovery;

/// <summary>Answers what clients ask first: version, health, groups, resources, schemas.</summary>
internal sealed class DiscoveryHandler(ResourceCatalog catalog, OpenApiDocuments documents, Func<string> address)
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    /// <returns>False when the path is nobody's.</returns>
    public async Task<bool> TryHandleAsync(HttpContext http, string path)
    {
        path = path.TrimEnd('/');
        switch (path)
        {
            case "/version":
                await ResponseJson.WriteAsync(http, 200, ServerVersion.ToJson());
                return true;
            case "/healthz" or "/livez" or "/readyz":
                await ResponseJson.WriteTextAsync(http, 200, "ok");
                return true;
            case "/api" or "/apis" when WantsAggregated(http):
                await ResponseJson.WriteAsync(
                    http,
                    200,
                    AggregatedDiscovery.Make(catalog, core: path == "/api"),
                    Aggregated
                );
                return true;
            case "/api":
                await ResponseJson.WriteAsync(http, 200, LegacyDiscovery.Versions(address()));
                return true;
            case "/apis":
                await ResponseJson.WriteAsync(http, 200, LegacyDiscovery.Groups(catalog));
                return true;
            case "":
                await ResponseJson.WriteAsync(http, 200, Paths());
                return true;
            default:
                break;
        }

        if (LegacyDiscovery.ForPath(catalog, path) is { } found)
        {
            await ResponseJson.WriteAsync(http, 200, found);
            return true;
        }

        return await documents.TryHandleAsync(http, path);
    }

    private static bool WantsAggregated(HttpContext http) =>
        http
            .Request.Headers.Accept.ToString()
            .Split(',')
            .Any(a =>
                a.Contains("g=apidiscovery.k8s.io", StringComparison.Ordinal)
                && a.Contains("v=v2;", StringComparison.Ordinal)
                && a.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal)
            );

    private JsonObject Paths()
    {
        var groups = catalog.All.Select(r => r.Group).Where(g => g.Length > 0).Distinct(StringComparer.Ordinal);
        var paths = new List<string> { "/api", "/api/v1", "/apis" };
        foreach (var group in groups)
        {
            paths.Add($"/apis/{group}");
            paths.AddRange(catalog.VersionsOf(group).Select(v => $"/apis/{group}/{v}"));
        }

        paths.AddRange(["/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]);
        return new JsonObject { ["paths"] = new JsonArray([.. paths.Select(p => (JsonNode)p)]) };
    }
}
