using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Schemas;
using Granary.DevCluster.Api.Writing;

namespace Granary.DevCluster.Api.Patching;

/// <summary>Changes objects by patches of the four kinds.</summary>
internal sealed class PatchHandler(ApiCore core, ObjectCreator creator, ObjectUpdater updater)
{
    private const string JsonType = "application/json-patch+json";
    private const string MergeType = "application/merge-patch+json";
    private const string StrategicType = "application/strategic-merge-patch+json";
    private const string ApplyType = "application/apply-patch+yaml";

    /// <returns>The object afterwards, and whether it was created.</returns>
    public async Task<(JsonObject Value, bool Created)> PatchAsync(ApiRequest request, string subresource)
    {
        var mediaType = BodyReader.MediaType(request.Http);
        string[] accepted = request.Resource.IsCustom
            ? [JsonType, MergeType, ApplyType]
            : [JsonType, MergeType, StrategicType, ApplyType];
        if (!accepted.Contains(mediaType, StringComparer.Ordinal))
        {
            throw ApiErrors.UnsupportedMediaType(accepted);
        }

        var bytes = await BodyReader.ReadBytesAsync(request.Http);
        if (mediaType == ApplyType)
        {
            return await ApplyAsync(request, subresource, bytes);
        }

        var findings = new DecodeFindings();
        var patch = BodyReader.ParseJson(bytes, request.Resource.Kind, findings);
        var value = await updater.UpdateAsync(
            request,
            subresource,
            current => Decoded(request, Patched(request, mediaType, current, patch), findings),
            isApply: false,
            request.Aborted
        );
        return (value, false);
    }

    private static JsonObject Patched(ApiRequest request, string mediaType, JsonObject current, JsonNode? patch) =>
        (mediaType, patch) switch
        {
            (JsonType, JsonArray operations) => JsonPatch.Apply(current, operations),
            (MergeType, JsonObject merge) => MergePatch.Apply(current, merge),
            (StrategicType, JsonObject strategic) => StrategicMergePatch.Apply(
                current,
                strategic,
                request.Resource.Schema
            ),
            _ => throw ApiErrors.BadRequest("error decoding patch: json: cannot unmarshal value"),
        };

    private static JsonObject Decoded(ApiRequest request, JsonObject value, DecodeFindings before)
    {
        var findings = new DecodeFindings();
        findings.Duplicates.AddRange(before.Duplicates);
        request.Warnings.Clear();
        ObjectDecoder.Decode(request, value, findings);
        return value;
    }

    private async Task<(JsonObject Value, bool Created)> ApplyAsync(
        ApiRequest request,
        string subresource,
        byte[] bytes
    )
    {
        if (string.IsNullOrEmpty(request.Query("fieldManager")))
        {
            throw ApiErrors.Invalid(
                "meta.k8s.io",
                "PatchOptions",
                string.Empty,
                [FieldError.Required("fieldManager", "is required for apply patch")]
            );
        }

        var wished =
            YamlReader.Parse(bytes, request.Resource.Kind) as JsonObject
            ?? throw ApiErrors.BadRequest("error decoding YAML: an object is expected");
        if (wished.ObjectAt("metadata")?["managedFields"] is not null)
        {
            throw ApiErrors.BadRequest("metadata.managedFields must be nil");
        }

        var findings = new DecodeFindings();
        ServerSideApply.CheckWish(request, wished, findings);
        if (core.Store.Get(request.Resource.StorageKey, request.Namespace, request.Info.Name) is null)
        {
            if (subresource.Length > 0)
            {
                throw ApiErrors.NotFound(request.Resource, request.Info.Name);
            }

            var fresh = ServerSideApply.Merge(request, new JsonObject(), wished, subresource);
            fresh.Child("metadata")["name"] = request.Info.Name;
            ObjectDecoder.Decode(request, fresh, new DecodeFindings());
            return (await creator.CreateAsync(request, fresh, request.Aborted), true);
        }

        var value = await updater.UpdateAsync(
            request,
            subresource,
            current => Decoded(request, ServerSideApply.Merge(request, current, wished, subresource), findings),
            isApply: true,
            request.Aborted
        );
        return (value, false);
    }
}
