using System.Text.Json.Nodes;

namespace Granary.DevCluster.Machinery;

/// <summary>A resource that the server has, with the verbs it answers to.</summary>
public sealed record DiscoveredResource(ResourceType Type, IReadOnlySet<string> Verbs)
{
    /// <summary>Whether objects of it are stored: they can be listed, watched and deleted.</summary>
    public bool IsStored => Verbs.Contains("list") && Verbs.Contains("watch") && Verbs.Contains("delete");
}

/// <summary>What the server has, in each group's preferred version.</summary>
public static class Discovery
{
    public static async Task<IReadOnlyList<DiscoveredResource>> ReadAsync(ResourceClient client, CancellationToken ct)
    {
        var found = new List<DiscoveredResource>();
        await AddAsync(client, "", "v1", "api/v1", found, ct);
        var groups = await client.GetAsync("apis", ct);
        foreach (var group in groups["groups"] as JsonArray ?? [])
        {
            var version = (string)group!["preferredVersion"]!["version"]!;
            var name = (string)group["name"]!;
            await AddAsync(client, name, version, $"apis/{name}/{version}", found, ct);
        }

        return found;
    }

    private static async Task AddAsync(
        ResourceClient client,
        string group,
        string version,
        string path,
        List<DiscoveredResource> found,
        CancellationToken ct
    )
    {
        JsonObject list;
        try
        {
            list = await client.GetAsync(path, ct);
        }
        catch (ApiRequestException e) when (e.IsNotFound)
        {
            // The group went away between the two requests.
            return;
        }

        foreach (var resource in list["resources"] as JsonArray ?? [])
        {
            var plural = (string)resource!["name"]!;
            if (plural.Contains('/', StringComparison.Ordinal))
            {
                continue;
            }

            var verbs = (resource["verbs"] as JsonArray ?? [])
                .Select(verb => (string)verb!)
                .ToHashSet(StringComparer.Ordinal);
            var namespaced = resource["namespaced"]!.GetValue<bool>();
            found.Add(
                new DiscoveredResource(
                    new ResourceType(group, version, plural, (string)resource["kind"]!, namespaced),
                    verbs
                )
            );
        }
    }
}
