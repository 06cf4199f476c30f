using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;

namespace Granary.DevCluster.Api.Writing;

/// <summary>The fields of <c>metadata</c> that the server keeps.</summary>
internal static class ObjectMetadata
{
    /// <summary>Cannot be changed once an object exists.</summary>
    private static readonly string[] Fixed =
    [
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "generateName",
        "namespace",
        "name",
    ];

    /// <summary>Gives a new object its name and identity.</summary>
    public static void Begin(ApiCore core, JsonObject value)
    {
        var metadata = value.Child("metadata");
        if (string.IsNullOrEmpty(metadata.TextAt("name")) && metadata.TextAt("generateName") is { Length: > 0 } prefix)
        {
            metadata["name"] = prefix[..Math.Min(prefix.Length, 58)] + ApiCore.Suffix();
        }

        metadata["uid"] = ApiCore.NewUid();
        metadata["creationTimestamp"] = core.Now();
        foreach (
            var field in (string[])["resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"]
        )
        {
            metadata.Remove(field);
        }
    }

    /// <summary>Takes over what a client cannot change.</summary>
    public static void Continue(JsonObject value, JsonObject old)
    {
        var metadata = value.Child("metadata");
        var before = old.Child("metadata");
        metadata.Remove("selfLink");
        foreach (var field in Fixed)
        {
            if (before[field] is { } kept)
            {
                metadata[field] = kept.DeepClone();
            }
            else
            {
                metadata.Remove(field);
            }
        }
    }

    public static void CountChange(ResourceDefinition resource, JsonObject value, JsonObject? old)
    {
        var metadata = value.Child("metadata");
        if (!resource.Strategy.TracksGeneration)
        {
            metadata.Remove("generation");
        }
        else if (old is null)
        {
            metadata["generation"] = 1;
        }
        else if (resource.Strategy.ChangesGeneration(value, old))
        {
            metadata["generation"] = (old.IntegerAt("metadata", "generation") ?? 0) + 1;
        }
    }

    public static bool HasFinalizers(JsonObject value) => value.ArrayAt("metadata", "finalizers") is { Count: > 0 };

    public static bool IsDeleting(JsonObject value) => value.TextAt("metadata", "deletionTimestamp") is not null;

    /// <summary>Everything that has to happen before the object may go has happened.</summary>
    public static bool MayGo(ResourceDefinition resource, JsonObject value) =>
        IsDeleting(value)
        && !HasFinalizers(value)
        && (value.IntegerAt("metadata", "deletionGracePeriodSeconds") ?? 0) == 0
        && !(resource is { Plural: "namespaces", Group: "" } && value.ArrayAt("spec", "finalizers") is { Count: > 0 });

    public static IEnumerable<FieldError> Validate(ResourceDefinition resource, JsonObject value)
    {
        var metadata = value.Child("metadata");
        var name = metadata.TextAt("name") ?? string.Empty;
        if (name.Length == 0)
        {
            yield return FieldError.Required("metadata.name", "name or generateName is required");
        }
        else if (resource.Strategy.NameRule(name) is { } complaint)
        {
            yield return FieldError.Invalid("metadata.name", name, complaint);
        }

        foreach (var error in LabelValidation.Validate(metadata))
        {
            yield return error;
        }

        var index = 0;
        foreach (var owner in metadata.ArrayAt("ownerReferences").Objects())
        {
            foreach (var field in (string[])["apiVersion", "kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty(owner.TextAt(field)))
                {
                    yield return FieldError.Invalid(
                        $"metadata.ownerReferences[{index}].{field}",
                        string.Empty,
                        field == "apiVersion" ? "version must not be empty" : "must not be empty"
                    );
                }
            }

            index++;
        }

        if (metadata.ArrayAt("ownerReferences").Objects().Count(o => o.FlagAt("controller")) > 1)
        {
            yield return FieldError.Invalid(
                "metadata.ownerReferences",
                metadata["ownerReferences"],
                "Only one reference can have Controller set to true"
            );
        }
    }

    public static IEnumerable<FieldError> ValidateUpdate(ResourceDefinition resource, JsonObject value, JsonObject old)
    {
        if (!IsDeleting(old))
        {
            yield break;
        }

        var before = old.ArrayAt("metadata", "finalizers").Texts().ToHashSet(StringComparer.Ordinal);
        var added = value.ArrayAt("metadata", "finalizers").Texts().Where(f => !before.Contains(f)).ToArray();
        if (added.Length > 0)
        {
            var list = string.Join(", ", added.Select(a => $"\"{a}\""));
            var error = FieldError.Forbidden(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new finalizers "
                    + $"[]string{{{list}}}"
            );
            yield return error;

            // Custom resources are checked once as objects and once as custom resources.
            if (resource.IsCustom)
            {
                yield return error;
            }
        }
    }
}
