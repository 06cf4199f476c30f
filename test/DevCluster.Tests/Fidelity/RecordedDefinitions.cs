using System.Text.Json.Nodes;

namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>
/// The custom resources that the recorded cluster had installed, made again from what discovery says of them.
/// </summary>
internal static class RecordedDefinitions
{
    public static IEnumerable<JsonObject> All()
    {
        var discovery = Recording
            .Load("discovery")
            .Steps.Last(s => s.Path == "/apis" && s.Body!["kind"]!.GetValue<string>() == "APIGroupDiscoveryList");
        foreach (var group in discovery.Body!["items"]!.AsArray())
        {
            var name = group!["metadata"]!["name"]!.GetValue<string>();
            if (!name.EndsWith(".appscode.com", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var version in group["versions"]!.AsArray())
            {
                foreach (var resource in version!["resources"]!.AsArray())
                {
                    yield return Definition(name, version["version"]!.GetValue<string>(), resource!);
                }
            }
        }
    }

    private static JsonObject Definition(string group, string version, JsonNode resource)
    {
        var plural = resource["resource"]!.GetValue<string>();
        var names = new JsonObject
        {
            ["plural"] = plural,
            ["singular"] = resource["singularResource"]!.DeepClone(),
            ["kind"] = resource["responseKind"]!["kind"]!.DeepClone(),
        };
        foreach (var optional in (string[])["shortNames", "categories"])
        {
            if (resource[optional] is { } values)
            {
                names[optional] = values.DeepClone();
            }
        }

        var served = new JsonObject
        {
            ["name"] = version,
            ["served"] = true,
            ["storage"] = true,
            ["schema"] = new JsonObject
            {
                ["openAPIV3Schema"] = new JsonObject
                {
                    ["type"] = "object",
                    ["x-kubernetes-preserve-unknown-fields"] = true,
                },
            },
        };
        if (resource["subresources"] is not null)
        {
            served["subresources"] = new JsonObject { ["status"] = new JsonObject() };
        }

        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{plural}.{group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = group,
                ["scope"] = resource["scope"]!.DeepClone(),
                ["names"] = names,
                ["versions"] = new JsonArray(served),
            },
        };
    }
}
