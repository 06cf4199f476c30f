using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Schemas;

namespace Granary.DevCluster.Api.Patching;

/// <summary>
/// Strategic merge patch: like merge patch, but lists with a merge key are merged item by item, and directives
/// (<c>$patch</c>, <c>$deleteFromPrimitiveList/…</c>, <c>$setElementOrder/…</c>, <c>$retainKeys</c>) say the rest.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string DeleteFromList = "$deleteFromPrimitiveList/";
    private const string ElementOrder = "$setElementOrder/";
    private const string RetainKeys = "$retainKeys";

    public static JsonObject Apply(JsonObject target, JsonObject patch, Schema? schema)
    {
        if (patch.TextAt(Directive) is { } directive)
        {
            return directive switch
            {
                "replace" => WithoutDirectives(patch),
                "delete" => [],
                "merge" => Merge(target, patch, schema),
                _ => throw ApiErrors.BadRequest($"Unknown patch type: {directive}"),
            };
        }

        return Merge(target, patch, schema);
    }

    private static JsonObject Merge(JsonObject target, JsonObject patch, Schema? schema)
    {
        if (patch.ArrayAt(RetainKeys) is { } retained)
        {
            var keep = retained.Texts().ToHashSet(StringComparer.Ordinal);
            foreach (var name in target.Select(p => p.Key).Where(k => !keep.Contains(k)).ToArray())
            {
                target.Remove(name);
            }
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeleteFromList, StringComparison.Ordinal))
            {
                Remove(target, name[DeleteFromList.Length..], value as JsonArray);
            }
            else if (!name.StartsWith('$'))
            {
                MergeField(target, name, value, schema?.Field(name));
            }
        }

        foreach (var (name, value) in patch.Where(p => p.Key.StartsWith(ElementOrder, StringComparison.Ordinal)))
        {
            var field = name[ElementOrder.Length..];
            if (target[field] is JsonArray array && value is JsonArray order)
            {
                target[field] = Reordered(array, order, schema?.Field(field)?.PatchMergeKey);
            }
        }

        return target;
    }

    private static void MergeField(JsonObject target, string name, JsonNode? value, Schema? schema)
    {
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject o when o.TextAt(Directive) == "delete":
                target.Remove(name);
                break;
            case JsonObject o:
                var child = target[name] as JsonObject ?? [];
                target.Remove(name);
                target[name] = Apply(child, o, schema);
                break;
            case JsonArray items when schema?.PatchMergeKey is { Length: > 0 } key:
                var existing = target[name] as JsonArray ?? [];
                target.Remove(name);
                target[name] = MergeList(existing, items, key, schema.Items);
                break;
            case JsonArray values when schema is { PatchMergeKey: "" }:
                var union = (target[name] as JsonArray)?.DeepClone().AsArray() ?? [];
                foreach (var added in values.Where(v => !union.Any(u => u.SameAs(v))).ToArray())
                {
                    union.Add(added?.DeepClone());
                }

                target[name] = union;
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    private static JsonArray MergeList(JsonArray target, JsonArray patch, string key, Schema? schema)
    {
        var items = patch.Objects().ToArray();
        if (items.Any(i => i.TextAt(Directive) == "replace"))
        {
            return new JsonArray([
                .. items.Where(i => i.TextAt(Directive) != "replace" || i.Count > 1).Select(WithoutDirectives),
            ]);
        }

        var result = new List<JsonObject>(target.Objects().Select(o => o.Copy()));
        foreach (var item in items)
        {
            var id = item[key]
                ?? throw ApiErrors.BadRequest($"map: {item.ToJsonString()} does not contain declared merge key: {key}");
            var index = result.FindIndex(r => r[key].SameAs(id));
            if (item.TextAt(Directive) == "delete")
            {
                result.RemoveAll(r => r[key].SameAs(id));
            }
            else if (index >= 0)
            {
                result[index] = Apply(result[index], item, schema);
            }
            else
            {
                result.Add(Apply([], item, schema));
            }
        }

        return new JsonArray([.. result]);
    }

    private static void Remove(JsonObject target, string field, JsonArray? values)
    {
        if (target[field] is JsonArray array && values is not null)
        {
            target[field] = new JsonArray([
                .. array.Where(a => !values.Any(v => v.SameAs(a))).Select(a => a?.DeepClone()),
            ]);
        }
    }

    /// <summary>
    /// Items that the order names come in that order; others stay where they were relative to their neighbours.
    /// </summary>
    private static JsonArray Reordered(JsonArray array, JsonArray order, string? key)
    {
        JsonNode? Id(JsonNode? item) => string.IsNullOrEmpty(key) ? item : item.At(key);
        int Place(JsonNode? item)
        {
            for (var i = 0; i < order.Count; i++)
            {
                if (Id(order[i]).SameAs(Id(item)))
                {
                    return i;
                }
            }

            return -1;
        }

        var ranked = new List<(JsonNode? Item, double Rank)>();
        var last = -1.0;
        foreach (var item in array)
        {
            var place = Place(item);
            last = place >= 0 ? place : last + 0.001;
            ranked.Add((item, last));
        }

        return new JsonArray([.. ranked.OrderBy(r => r.Rank).Select(r => r.Item?.DeepClone())]);
    }

    private static JsonObject WithoutDirectives(JsonObject value)
    {
        var copy = value.Copy();
        foreach (var name in copy.Select(p => p.Key).Where(k => k.StartsWith('$')).ToArray())
        {
            copy.Remove(name);
        }

        return copy;
    }
}
