using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies;

internal sealed class CustomResourceDefinitionStrategy : ResourceStrategy
{
    public override void Default(JsonObject value)
    {
        var spec = value.Child("spec");
        var names = spec.Child("names");
        if (names.TextAt("kind") is { Length: > 0 } kind)
        {
            names.Default("singular", kind.ToLowerInvariant());
            names.Default("listKind", kind + "List");
        }

        spec.Child("conversion").Default("strategy", "None");
    }

    public override void PrepareForCreate(JsonObject value)
    {
        value["status"] = new JsonObject
        {
            ["conditions"] = null,
            ["acceptedNames"] = new JsonObject { ["plural"] = string.Empty, ["kind"] = string.Empty },
            ["storedVersions"] = StorageVersions(value).ToJsonArray(),
        };
    }

    public override void PrepareForUpdate(JsonObject value, JsonObject old)
    {
        base.PrepareForUpdate(value, old);
        var stored = value
            .Child("status")
            .ArrayAt("storedVersions")
            .Texts()
            .Union(StorageVersions(value), StringComparer.Ordinal);
        value.Child("status")["storedVersions"] = stored.ToJsonArray();
    }

    public override IEnumerable<FieldError> Validate(JsonObject value)
    {
        var spec = value.Child("spec");
        var group = spec.TextAt("group") ?? string.Empty;
        var plural = spec.TextAt("names", "plural") ?? string.Empty;
        var name = value.TextAt("metadata", "name") ?? string.Empty;
        if (name != $"{plural}.{group}")
        {
            yield return FieldError.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
        }

        if (group.Length == 0)
        {
            yield return FieldError.Required("spec.group");
        }
        else if (!group.Contains('.'))
        {
            yield return FieldError.Invalid("spec.group", group, "should be a domain with at least one dot");
        }

        if (spec.TextAt("scope") is var scope && scope is not ("Namespaced" or "Cluster"))
        {
            yield return FieldError.NotSupported("spec.scope", scope ?? string.Empty, ["Cluster", "Namespaced"]);
        }

        if (string.IsNullOrEmpty(spec.TextAt("names", "kind")))
        {
            yield return FieldError.Required("spec.names.kind");
        }

        if (StorageVersions(value).Count() != 1)
        {
            yield return FieldError.Invalid(
                "spec.versions",
                spec["versions"],
                "must have exactly one version marked as storage version"
            );
        }

        var index = 0;
        foreach (var version in spec.ArrayAt("versions").Objects())
        {
            var path = $"spec.versions[{index++}].schema.openAPIV3Schema";
            if (version.ObjectAt("schema", "openAPIV3Schema") is not { } schema)
            {
                yield return FieldError.Required(path, "schemas are required");
            }
            else if (schema.TextAt("type") != "object")
            {
                yield return FieldError.Invalid($"{path}.type", schema["type"], "must be object at the root");
            }
        }
    }

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject value, JsonObject old)
    {
        foreach (var field in (string[])["group", "scope"])
        {
            if (value.TextAt("spec", field) != old.TextAt("spec", field))
            {
                yield return FieldError.Invalid($"spec.{field}", value["spec"].At(field), "field is immutable");
            }
        }
    }

    private static IEnumerable<string> StorageVersions(JsonObject value) =>
        value
            .ArrayAt("spec", "versions")
            .Objects()
            .Where(v => v.FlagAt("storage"))
            .Select(v => v.TextAt("name") ?? string.Empty);
}
