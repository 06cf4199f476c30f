using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Schemas;

namespace Granary.DevCluster.Api.Writing;

/// <summary>Brings what a client sent into the form of its kind: type, unknown fields, defaults.</summary>
internal static class ObjectDecoder
{
    /// <exception cref="ApiStatusException">
    /// 400: another kind, a wrong type, or unknown fields in a strict request.
    /// </exception>
    public static void Decode(ApiRequest request, JsonObject value, DecodeFindings findings)
    {
        var resource = request.Resource;
        CheckKind(resource, value);
        if (value["metadata"] is null)
        {
            value["metadata"] = new JsonObject();
        }

        var metadata = value.Child("metadata");
        foreach (var empty in (string[])["creationTimestamp", "labels", "annotations", "finalizers", "ownerReferences"])
        {
            if (
                metadata.ContainsKey(empty)
                && metadata[empty] is null or JsonObject { Count: 0 } or JsonArray { Count: 0 }
            )
            {
                metadata.Remove(empty);
            }
        }

        resource.Strategy.Decode(value, resource.Schema, findings);
        if (findings.TypeError is { } wrong)
        {
            throw ApiErrors.BadRequest(
                $"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: {wrong}"
            );
        }

        Report(request, findings);
        Default(resource, value);
    }

    /// <summary>Writes the defaults of the kind, in the form in which it is kept.</summary>
    public static void Default(ResourceDefinition resource, JsonObject value)
    {
        if (resource.Conversion is not null && !resource.IsCustom)
        {
            resource.Conversion.ToStored(value);
            resource.Strategy.Default(value);
            resource.Conversion.FromStored(value);
        }
        else
        {
            resource.Strategy.Default(value);
        }
    }

    private static void Report(ApiRequest request, DecodeFindings findings)
    {
        var complaints = findings.Complaints.ToArray();
        if (complaints.Length == 0 || request.FieldValidation == "Ignore")
        {
            return;
        }

        if (request.FieldValidation == "Strict")
        {
            var resource = request.Resource;
            throw ApiErrors.BadRequest(
                $"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: "
                    + $"strict decoding error: {string.Join(", ", complaints)}"
            );
        }

        request.Warnings.AddRange(complaints);
    }

    private static void CheckKind(ResourceDefinition resource, JsonObject value)
    {
        var kind = value.TextAt("kind");
        var apiVersion = value.TextAt("apiVersion");
        if (string.IsNullOrEmpty(kind) && resource.IsCustom)
        {
            throw ApiErrors.BadRequest(
                $"the object provided is unrecognized (must be of type {resource.Kind}): Object 'Kind' is missing in "
                    + $"'{value.ToJsonString()}'"
            );
        }

        var kindFits = string.IsNullOrEmpty(kind) || kind == resource.Kind;
        var versionFits = string.IsNullOrEmpty(apiVersion) || apiVersion == resource.ApiVersion;
        if (!kindFits || !versionFits)
        {
            throw ApiErrors.BadRequest(
                resource.IsCustom
                    ? versionFits
                        ? $"{kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}"
                        : $"the API version in the data ({apiVersion}) does not match the expected API version "
                            + $"({resource.ApiVersion})"
                    : Unconvertible(resource, kind ?? resource.Kind, apiVersion ?? resource.ApiVersion)
            );
        }

        value["kind"] = resource.Kind;
        value["apiVersion"] = resource.ApiVersion;
    }

    private static string Unconvertible(ResourceDefinition resource, string kind, string apiVersion)
    {
        var version = apiVersion[(apiVersion.LastIndexOf('/') + 1)..];
        var internalGroup = resource.Group.Length == 0 ? "core" : resource.Group.Split('.')[0];
        return $"{kind} in version \"{version}\" cannot be handled as a {resource.Kind}: converting ({version}.{kind}) "
            + $"to ({internalGroup}.{resource.Kind}): unknown conversion";
    }
}
