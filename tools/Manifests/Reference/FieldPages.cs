using System.Text;
using k8s.Models;

namespace Granary.Manifests.Reference;

/// <summary>One page of fields for each kind, from the same definitions that the API server gets.</summary>
internal static class FieldPages
{
    private const string Folder = "docs/reference/fields";

    public static void AddTo(ManifestFiles files, IEnumerable<V1CustomResourceDefinition> definitions)
    {
        foreach (var definition in definitions)
        {
            var page = new StringBuilder();
            var names = definition.Spec.Names;
            var version = definition.Spec.Versions.Single(each => each.Storage);
            page.Append(
                $"# {names.Kind}\n\n`apiVersion: {definition.Spec.Group}/{version.Name}`, `kind: {names.Kind}`, "
            );
            page.Append(definition.Spec.Scope == "Namespaced" ? "in a namespace" : "for the whole cluster");
            page.Append($"; `kubectl get {names.Plural}`");
            page.Append(names.ShortNames is { Count: > 0 } shortNames ? $", `{string.Join("`, `", shortNames)}`" : "");
            page.Append(".\n\n| field | type | |\n| --- | --- | --- |\n");
            AddFields(page, version.Schema.OpenAPIV3Schema, "");
            files.AddPage($"{Folder}/{names.Kind.ToLowerInvariant()}.md", page.ToString());
        }
    }

    /// <summary>
    /// The fields below a schema. Kubernetes' own types, which say nothing of their fields here, are not opened.
    /// </summary>
    private static void AddFields(StringBuilder page, V1JSONSchemaProps schema, string path)
    {
        foreach (var (name, field) in schema.Properties ?? new Dictionary<string, V1JSONSchemaProps>())
        {
            if (path.Length == 0 && name is "apiVersion" or "kind" or "metadata")
            {
                continue;
            }

            var isRequired = schema.Required?.Contains(name) == true;
            var place = $"{path}{name}";
            page.Append($"| `{place}` | {TypeOf(field)}{(isRequired ? ", required" : "")} | {Words(field)} |\n");
            var (inner, mark) = Inside(field);
            if (inner?.Properties is { Count: > 0 } && (path.Length == 0 || IsExplained(inner)))
            {
                AddFields(page, inner, $"{place}{mark}.");
            }
        }
    }

    private static bool IsExplained(V1JSONSchemaProps schema) =>
        schema.Properties.Values.Any(field => !string.IsNullOrEmpty(field.Description));

    private static (V1JSONSchemaProps? Schema, string Mark) Inside(V1JSONSchemaProps field) =>
        field.Type switch
        {
            "array" => (field.Items as V1JSONSchemaProps, "[]"),
            _ when field.AdditionalProperties is V1JSONSchemaProps values => (values, "{}"),
            _ => (field, ""),
        };

    private static string TypeOf(V1JSONSchemaProps field)
    {
        var (inner, mark) = Inside(field);
        var type = mark.Length > 0 ? $"{inner?.Type}{mark}" : field.Type ?? "any";
        return field.EnumProperty is { Count: > 0 } values ? $"{type}: {string.Join(", ", values)}" : type;
    }

    private static string Words(V1JSONSchemaProps field) =>
        (field.Description ?? "").ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal)
        + (field.DefaultProperty is { } value ? $" Default: `{value}`." : "");
}
