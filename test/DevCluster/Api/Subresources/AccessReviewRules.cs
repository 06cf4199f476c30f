using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Subresources;

/// <summary>What makes an access review complete.</summary>
internal static class AccessReviewRules
{
    private const string Resource = "spec.resourceAttributes";
    private const string NonResource = "spec.nonResourceAttributes";

    /// <param name="ns">The namespace in the review's metadata.</param>
    public static IEnumerable<FieldError> Validate(JsonObject spec, ReviewedSubject subject, string ns)
    {
        var resource = spec.ObjectAt("resourceAttributes");
        var other = spec.ObjectAt("nonResourceAttributes");
        if (resource is not null && other is not null)
        {
            yield return FieldError.Invalid(
                NonResource,
                other,
                "cannot be specified in combination with resourceAttributes"
            );
        }
        else if (resource is null && other is null)
        {
            yield return FieldError.Required(
                Resource,
                "exactly one of nonResourceAttributes or resourceAttributes must be specified"
            );
        }

        if (
            subject != ReviewedSubject.Self
            && string.IsNullOrEmpty(spec.TextAt("user"))
            && spec.ArrayAt("groups") is not { Count: > 0 }
        )
        {
            yield return FieldError.Invalid(
                "spec.user",
                spec.TextAt("user") ?? string.Empty,
                "at least one of user or group must be specified"
            );
        }

        if (subject != ReviewedSubject.NamedInNamespace)
        {
            yield break;
        }

        if (resource is not null && (resource.TextAt("namespace") ?? string.Empty) != ns)
        {
            yield return FieldError.Invalid(
                $"{Resource}.namespace",
                resource.TextAt("namespace") ?? string.Empty,
                "must match metadata.namespace"
            );
        }

        if (other is not null)
        {
            yield return FieldError.Invalid(NonResource, other, "disallowed on this kind of request");
        }
    }

    /// <summary>An attribute that is empty is one that is not given, and answers do not show it.</summary>
    public static void DropEmpty(JsonObject spec)
    {
        foreach (var name in (string[])["resourceAttributes", "nonResourceAttributes"])
        {
            if (spec.ObjectAt(name) is { } attributes)
            {
                foreach (var field in attributes.Select(p => p.Key).ToArray())
                {
                    if (attributes.TextAt(field) is "")
                    {
                        attributes.Remove(field);
                    }
                }
            }
        }
    }
}
