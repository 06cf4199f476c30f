using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Schemas;

namespace Granary.DevCluster.Api.Patching;

/// <summary>Server-side apply: merges a wish into an object, lists by their keys.</summary>
internal static class ServerSideApply
{
    public static void CheckWish(ApiRequest request, JsonObject wished, DecodeFindings findings)
    {
        var copy = wished.Copy();
        request.Resource.Strategy.Decode(copy, request.Resource.Schema, findings);
    }

    public static JsonObject Merge(ApiRequest request, JsonObject current, JsonObject wished, string subresource) =>
        MergeObject(current, wished, request.Resource.Schema);

    private static JsonObject MergeObject(JsonObject target, JsonObject wished, Schema? schema)
    {
        foreach (var (name, value) in wished)
        {
            var field = schema?.Field(name);
            switch (value)
            {
                case JsonObject o when target[name] is JsonObject existing && field?.MapType != "atomic":
                    MergeObject(existing, o, field);
                    break;
                case JsonArray array when target[name] is JsonArray existing && field?.ListType is "map" or "set":
                    MergeList(existing, array, field!);
                    break;
                default:
                    target[name] = value?.DeepClone();
                    break;
            }
        }

        return target;
    }

    private static void MergeList(JsonArray target, JsonArray wished, Schema schema)
    {
        foreach (var item in wished)
        {
            var index = Find(target, item, schema);
            if (index < 0)
            {
                target.Add(item?.DeepClone());
            }
            else if (target[index] is JsonObject existing && item is JsonObject change)
            {
                MergeObject(existing, change, schema.Items);
            }
        }
    }

    private static int Find(JsonArray array, JsonNode? item, Schema schema)
    {
        for (var i = 0; i < array.Count; i++)
        {
            var same =
                schema.ListType == "set"
                    ? array[i].SameAs(item)
                    : schema.ListMapKeys.All(k => KeyOf(array[i], k, schema).SameAs(KeyOf(item, k, schema)));
            if (same)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The one key that has a default is the protocol of ports.</summary>
    private static JsonNode? KeyOf(JsonNode? item, string key, Schema schema) =>
        item.At(key) ?? schema.Items?.Properties.GetValueOrDefault(key)?.Default ?? (key == "protocol" ? "TCP" : null);
}
