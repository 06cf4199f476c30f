using System.Reflection;
using k8s.Models;
using KubeOps.Transpiler;

namespace Granary.Manifests.Crds;

/// <summary>One CustomResourceDefinition for each kind.</summary>
internal static class CrdManifests
{
    private const string Folder = "config/crd";
    private const string ChartFolder = "charts/granary/crds";

    /// <summary>Which <c>kubectl get &lt;category&gt;</c> list a kind. No attribute of KubeOps says so.</summary>
    private static readonly Dictionary<string, string[]> Categories = new(StringComparer.Ordinal)
    {
        ["AppBinding"] = ["catalog", "appscode", "all"],
        ["BackupBatch"] = ["stash", "appscode", "all"],
        ["BackupBlueprint"] = ["stash", "appscode"],
        ["BackupConfiguration"] = ["stash", "appscode", "all"],
        ["BackupSession"] = ["stash", "appscode", "all"],
        ["Function"] = ["stash", "appscode"],
        ["Repository"] = ["stash", "appscode"],
        ["RestoreBatch"] = ["stash", "appscode", "all"],
        ["RestoreSession"] = ["stash", "appscode", "all"],
        ["Task"] = ["stash", "appscode"],
    };

    public static IReadOnlyList<V1CustomResourceDefinition> AddTo(
        ManifestFiles files,
        MetadataLoadContext context,
        Assembly api,
        XmlDocs docs
    )
    {
        var definitions = new List<V1CustomResourceDefinition>();
        foreach (var type in api.GetTypes().Where(IsEntity))
        {
            var definition = context.Transpile(type);
            definition.Spec.Names.Categories = Categories[definition.Spec.Names.Kind];
            foreach (var version in definition.Spec.Versions)
            {
                new SchemaFinisher(docs).Finish(version.Schema.OpenAPIV3Schema, type);
            }

            definitions.Add(definition);
            files.Add($"{Folder}/{definition.Metadata.Name}.yaml", definition);
            if (files.Exists("charts/granary/Chart.yaml"))
            {
                files.Add($"{ChartFolder}/{definition.Metadata.Name}.yaml", definition);
            }
        }

        return definitions;
    }

    private static bool IsEntity(Type type) =>
        type.CustomAttributes.Any(attribute =>
            attribute.AttributeType.FullName == typeof(KubernetesEntityAttribute).FullName
        );
}
