using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Schemas;
using Granary.DevCluster.Api.Strategies;

namespace Granary.DevCluster.Api.Resources;

/// <summary>Makes the served resources of a CustomResourceDefinition, one per served version.</summary>
internal static class CustomResourceReader
{
    private static readonly string[] Verbs =
    [
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "create",
        "update",
        "watch",
    ];

    private static readonly string[] PartVerbs = ["get", "patch", "update"];

    public static List<ResourceDefinition> Read(JsonObject definition)
    {
        var spec = definition.ObjectAt("spec") ?? [];
        var versions = spec.ArrayAt("versions").Objects().ToList();
        var storage = versions.First(v => v.FlagAt("storage")).TextAt("name")!;
        return [.. versions.Where(v => v.FlagAt("served")).Select(v => ReadVersion(definition, spec, v, storage))];
    }

    private static ResourceDefinition ReadVersion(
        JsonObject definition,
        JsonObject spec,
        JsonObject version,
        string storage
    )
    {
        var names = spec.ObjectAt("names") ?? [];
        var group = spec.TextAt("group")!;
        var name = version.TextAt("name")!;
        var kind = names.TextAt("kind")!;
        var document = version.ObjectAt("schema", "openAPIV3Schema");
        var schema = document is null ? Schema.Anything : StructuralSchemaReader.Read(document);
        var hasStatus = version.ObjectAt("subresources", "status") is not null;
        var scale = version.ObjectAt("subresources", "scale");
        var subresources = new List<SubresourceDefinition>();
        if (hasStatus)
        {
            subresources.Add(new("status", PartVerbs));
        }

        if (scale is not null)
        {
            subresources.Add(new("scale", PartVerbs, "Scale", "autoscaling", "v1"));
        }

        return new ResourceDefinition
        {
            Group = group,
            Version = name,
            Plural = names.TextAt("plural")!,
            Singular = names.TextAt("singular") ?? kind.ToLowerInvariant(),
            Kind = kind,
            ListKindOverride = names.TextAt("listKind"),
            Namespaced = spec.TextAt("scope") == "Namespaced",
            Verbs = Verbs,
            ShortNames = [.. names.ArrayAt("shortNames").Texts()],
            Categories = [.. names.ArrayAt("categories").Texts()],
            Subresources = subresources,
            Schema = schema,
            Strategy = new CustomResourceStrategy(schema) { TracksGeneration = true, HasStatus = hasStatus },
            SelectableFields =
            [
                .. version.ArrayAt("selectableFields").Objects().Select(f => f.TextAt("jsonPath")!.TrimStart('.')),
            ],
            Custom = new CustomResource(
                definition.TextAt("metadata", "name")!,
                storage,
                version.ArrayAt("additionalPrinterColumns"),
                document,
                scale
            ),
            Conversion = name == storage ? null : new CustomVersionConversion($"{group}/{name}", $"{group}/{storage}"),
        };
    }
}
