using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;

namespace Granary.DevCluster.Api.Bootstrap;

/// <summary>What a cluster has from the start.</summary>
internal static class InitialObjects
{
    public static void Create(ApiCore core, Uri address)
    {
        foreach (var ns in (string[])["default", "kube-node-lease", "kube-public", "kube-system"])
        {
            Add(core, core.Catalog.BuiltIn("namespaces"), string.Empty, ns, new JsonObject());
        }

        Add(
            core,
            core.Catalog.BuiltIn("services"),
            "default",
            "kubernetes",
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" },
                },
                ["spec"] = new JsonObject
                {
                    ["clusterIP"] = "10.96.0.1",
                    ["ports"] = new JsonArray(
                        new JsonObject
                        {
                            ["name"] = "https",
                            ["port"] = 443,
                            ["protocol"] = "TCP",
                            ["targetPort"] = address.Port,
                        }
                    ),
                },
            }
        );
        foreach (
            var (name, value) in (KeyValuePair<string, int>[])
                [new("system-cluster-critical", 2_000_000_000), new("system-node-critical", 2_000_001_000)]
        )
        {
            Add(
                core,
                core.Catalog.BuiltIn("priorityclasses", "scheduling.k8s.io"),
                string.Empty,
                name,
                new JsonObject { ["value"] = value, ["description"] = "Used for system critical pods." }
            );
        }
    }

    /// <summary>Stores an object of the system, with defaults.</summary>
    public static void Add(ApiCore core, ResourceDefinition resource, string ns, string name, JsonObject value)
    {
        value["kind"] = resource.Kind;
        value["apiVersion"] = resource.ApiVersion;
        var metadata = value.Child("metadata");
        metadata["name"] = name;
        if (ns.Length > 0)
        {
            metadata["namespace"] = ns;
        }

        metadata["uid"] = ApiCore.NewUid();
        metadata["creationTimestamp"] = core.Now();
        resource.Strategy.Default(value);
        if (resource.Strategy.TracksGeneration)
        {
            metadata["generation"] = 1;
        }

        resource.Strategy.PrepareForCreate(value);
        core.Store.Create(resource.StorageKey, ns, name, value);
    }
}
