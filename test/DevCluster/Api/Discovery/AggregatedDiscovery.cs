using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;

namespace Granary.DevCluster.Api.Discovery;

/// <summary>Discovery of everything in two documents.</summary>
internal static class AggregatedDiscovery
{
    public static JsonObject Make(ResourceCatalog catalog, bool core)
    {
        var groups = catalog
            .All.Select(r => r.Group)
            .Where(g => g.Length == 0 == core)
            .Distinct(StringComparer.Ordinal);
        return new JsonObject
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = "apidiscovery.k8s.io/v2",
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. groups.Select(g => (JsonNode)Group(catalog, g))]),
        };
    }

    private static JsonObject Group(ResourceCatalog catalog, string group) =>
        new()
        {
            ["metadata"] = group.Length == 0 ? [] : new JsonObject { ["name"] = group },
            ["versions"] = new JsonArray([
                .. catalog
                    .VersionsOf(group)
                    .Select(v =>
                        (JsonNode)
                            new JsonObject
                            {
                                ["version"] = v,
                                ["resources"] = new JsonArray([
                                    .. LegacyDiscovery.InOrder(catalog, group, v).Select(r => (JsonNode)Resource(r)),
                                ]),
                                ["freshness"] = "Current",
                            }
                    ),
            ]),
        };

    private static JsonObject Resource(ResourceDefinition resource)
    {
        var entry = new JsonObject
        {
            ["resource"] = resource.Plural,
            ["responseKind"] = Kind(resource, resource.Kind, null, null),
            ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Singular,
            ["verbs"] = resource.Verbs.ToJsonArray(),
        };
        if (resource.ShortNames.Count > 0)
        {
            entry["shortNames"] = resource.ShortNames.ToJsonArray();
        }

        if (resource.Categories.Count > 0)
        {
            entry["categories"] = resource.Categories.ToJsonArray();
        }

        if (resource.Subresources.Count > 0)
        {
            entry["subresources"] = new JsonArray([
                .. resource
                    .Subresources.OrderBy(s => s.Name, StringComparer.Ordinal)
                    .Select(s =>
                        (JsonNode)
                            new JsonObject
                            {
                                ["subresource"] = s.Name,
                                ["responseKind"] = Kind(resource, s.Kind ?? resource.Kind, s.Group, s.Version),
                                ["verbs"] = s.Verbs.ToJsonArray(),
                            }
                    ),
            ]);
        }

        return entry;
    }

    /// <summary>Built-in kinds leave out the group and version that they share with their document.</summary>
    private static JsonObject Kind(ResourceDefinition resource, string kind, string? group, string? version) =>
        new()
        {
            ["group"] = group ?? (resource.IsCustom ? resource.Group : string.Empty),
            ["version"] = version ?? (resource.IsCustom ? resource.Version : string.Empty),
            ["kind"] = kind,
        };
}
