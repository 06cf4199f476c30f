using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Patching;
using Granary.DevCluster.Api.Reading;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Schemas;
using Granary.DevCluster.Api.Writing;
using k8s.Models;

namespace Granary.DevCluster.Api.Subresources;

/// <summary>The number of replicas of a workload, as an object of kind Scale.</summary>
internal sealed class ScaleSubresource(ObjectReader reader, ObjectUpdater updater) : ISubresourceHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        if (request.Info.Verb == "get")
        {
            await ResourceHandler.RespondAsync(request, 200, ToScale(request, reader.Get(request)));
            return;
        }

        var bytes = await BodyReader.ReadBytesAsync(request.Http);
        var mediaType = BodyReader.MediaType(request.Http);
        var value = await updater.UpdateAsync(
            request,
            string.Empty,
            current => Changed(request, current, bytes, mediaType),
            isApply: false,
            request.Aborted
        );
        await ResourceHandler.RespondAsync(request, 200, ToScale(request, value));
    }

    private static JsonObject Changed(ApiRequest request, JsonObject current, byte[] bytes, string mediaType)
    {
        var scale = ToScale(request, current);
        var body = BodyReader.Parse(
            bytes,
            request.Info.Verb == "patch" && mediaType != "application/apply-patch+yaml"
                ? "application/json"
                : mediaType,
            "Scale",
            new DecodeFindings()
        );
        var wished = (request.Info.Verb, mediaType, body) switch
        {
            ("update", _, JsonObject o) => o,
            (_, "application/json-patch+json", JsonArray operations) => JsonPatch.Apply(scale, operations),
            (_, "application/strategic-merge-patch+json", JsonObject o) => StrategicMergePatch.Apply(
                scale,
                o,
                BuiltInSchemas.Of<V1Scale>()
            ),
            (_, _, JsonObject o) => MergePatch.Apply(scale, o),
            _ => throw ApiErrors.BadRequest("error decoding Scale"),
        };
        if (wished.TextAt("metadata", "resourceVersion") is { Length: > 0 } version)
        {
            current.Child("metadata")["resourceVersion"] = version;
        }

        var replicas = wished.IntegerAt("spec", "replicas") ?? 0;
        Set(current, PathOf(request, "specReplicasPath", ".spec.replicas"), replicas);
        return current;
    }

    private static JsonObject ToScale(ApiRequest request, JsonObject value)
    {
        var metadata = new JsonObject();
        foreach (var field in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            metadata[field] = value["metadata"].At(field)?.DeepClone();
        }

        var status = new JsonObject
        {
            ["replicas"] = value.At(PathOf(request, "statusReplicasPath", ".status.replicas")).AsInteger() ?? 0,
        };
        var labels = value.ObjectAt("spec", "selector", "matchLabels");
        if (labels is not null)
        {
            status["selector"] = string.Join(',', labels.Select(l => $"{l.Key}={l.Value}"));
        }

        var spec = new JsonObject();
        if (value.At(PathOf(request, "specReplicasPath", ".spec.replicas")).AsInteger() is { } replicas)
        {
            spec["replicas"] = replicas;
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = spec,
            ["status"] = status,
        };
    }

    private static string[] PathOf(ApiRequest request, string name, string usual) =>
        (request.Resource.Custom?.Scale.TextAt(name) ?? usual).TrimStart('.').Split('.');

    private static void Set(JsonObject value, string[] path, long number)
    {
        foreach (var step in path[..^1])
        {
            value = value.Child(step);
        }

        value[path[^1]] = number;
    }
}
