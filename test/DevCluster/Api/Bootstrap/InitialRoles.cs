using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;

namespace Granary.DevCluster.Api.Bootstrap;

/// <summary>Roles and bindings from <c>rbac.yaml</c>.</summary>
internal static class InitialRoles
{
    private const string Group = "rbac.authorization.k8s.io";

    public static void Create(ApiCore core)
    {
        using var stream = typeof(InitialRoles).Assembly.GetManifestResourceStream("rbac.yaml")!;
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        foreach (var item in (YamlReader.Parse(buffer.ToArray(), "List") as JsonObject).ArrayAt("items").Objects())
        {
            var value = item.Copy();
            var kind = value.TextAt("kind")!;
            var resource = core.Catalog.BuiltIn(kind.ToLowerInvariant() + "s", Group);
            value.Child("metadata").Child("labels")["kubernetes.io/bootstrapping"] = "rbac-defaults";
            value.Child("metadata").Child("annotations")["rbac.authorization.kubernetes.io/autoupdate"] = "true";
            InitialObjects.Add(core, resource, string.Empty, value.TextAt("metadata", "name")!, value);
        }
    }
}
