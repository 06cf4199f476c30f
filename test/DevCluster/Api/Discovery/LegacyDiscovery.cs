using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;

namespace Granary.DevCluster.Api.Discovery;

/// <summary>Discovery in one document per group version.</summary>
internal static class LegacyDiscovery
{
    public static JsonObject Versions(string address) =>
        new()
        {
            ["kind"] = "APIVersions",
            ["versions"] = new JsonArray("v1"),
            ["serverAddressByClientCIDRs"] = new JsonArray(
                new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address }
            ),
        };

    public static JsonObject Groups(ResourceCatalog catalog) =>
        new()
        {
            ["kind"] = "APIGroupList",
            ["apiVersion"] = "v1",
            ["groups"] = new JsonArray([
                .. catalog
                    .All.Select(r => r.Group)
                    .Where(g => g.Length > 0)
                    .Distinct(StringComparer.Ordinal)
                    .Select(g => (JsonNode)Group(catalog, g)),
            ]),
        };

    /// <summary><c>/api/v1</c>, <c>/apis/group</c> or <c>/apis/group/version</c>; null for anything else.</summary>
    public static JsonObject? ForPath(ResourceCatalog catalog, string path)
    {
        switch (path.TrimStart('/').Split('/'))
        {
            case ["api", "v1"]:
                return Resources(catalog, string.Empty, "v1");
            case ["apis", var group] when catalog.VersionsOf(group).Count > 0:
                var found = Group(catalog, group);
                found.Insert(0, "kind", "APIGroup");
                found.Insert(1, "apiVersion", "v1");
                return found;
            case ["apis", var group, var version]
                when catalog.VersionsOf(group).Contains(version, StringComparer.Ordinal):
                return Resources(catalog, group, version);
            default:
                return null;
        }
    }

    private static JsonObject Group(ResourceCatalog catalog, string group)
    {
        var versions = catalog
            .VersionsOf(group)
            .Select(v => new JsonObject { ["groupVersion"] = $"{group}/{v}", ["version"] = v })
            .ToArray();
        return new JsonObject
        {
            ["name"] = group,
            ["versions"] = new JsonArray([.. versions.Select(v => (JsonNode)v)]),
            ["preferredVersion"] = versions[0].DeepClone(),
        };
    }

    private static JsonObject Resources(ResourceCatalog catalog, string group, string version)
    {
        var list = new JsonObject { ["kind"] = "APIResourceList" };
        if (group.Length > 0)
        {
            list["apiVersion"] = "v1";
        }

        list["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}";
        var resources = new JsonArray();
        foreach (var resource in InOrder(catalog, group, version))
        {
            resources.Add((JsonNode)Entry(resource));
            foreach (var part in resource.Subresources.OrderBy(s => s.Name, StringComparer.Ordinal))
            {
                resources.Add((JsonNode)Entry(resource, part));
            }
        }

        list["resources"] = resources;
        return list;
    }

    public static IEnumerable<ResourceDefinition> InOrder(ResourceCatalog catalog, string group, string version) =>
        catalog.All.Where(r => r.Group == group && r.Version == version).OrderBy(r => r.Plural, StringComparer.Ordinal);

    private static JsonObject Entry(ResourceDefinition resource)
    {
        var entry = new JsonObject
        {
            ["name"] = resource.Plural,
            ["singularName"] = resource.Singular,
            ["namespaced"] = resource.Namespaced,
            ["kind"] = resource.Kind,
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

        if (resource.Verbs.Contains("list", StringComparer.Ordinal))
        {
            entry["storageVersionHash"] = StorageVersionHash(resource);
        }

        return entry;
    }

    private static JsonObject Entry(ResourceDefinition resource, SubresourceDefinition part)
    {
        var entry = new JsonObject
        {
            ["name"] = $"{resource.Plural}/{part.Name}",
            ["singularName"] = string.Empty,
            ["namespaced"] = resource.Namespaced,
        };
        if (part.Group is not null)
        {
            entry["group"] = part.Group;
            entry["version"] = part.Version;
        }

        entry["kind"] = part.Kind ?? resource.Kind;
        entry["verbs"] = part.Verbs.ToJsonArray();
        return entry;
    }

    /// <summary>The first eight bytes of the hash of group, version and kind in which objects are kept.</summary>
    private static string StorageVersionHash(ResourceDefinition resource)
    {
        var (group, version) = (resource.StorageKey, resource.Plural) switch
        {
            ("events", _) => (string.Empty, "v1"),
            (_, "customresourcedefinitions") => (resource.Group, "v1beta1"),
            _ => (resource.Group, resource.Custom?.StorageVersion ?? resource.Version),
        };
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{group}/{version}/{resource.Kind}"));
        return Convert.ToBase64String(hash.AsSpan(0, 8));
    }
}
