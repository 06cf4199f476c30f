using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Patching;

/// <summary>JSON merge patch (RFC 7396).</summary>
internal static class MergePatch
{
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            target[name] = value switch
            {
                null => null,
                JsonObject o => Apply(
                    target[name] as JsonObject is { } existing ? Detach(target, name, existing) : [],
                    o
                ),
                _ => value.DeepClone(),
            };
            if (value is null)
            {
                target.Remove(name);
            }
        }

        return target;
    }

    private static JsonObject Detach(JsonObject parent, string name, JsonObject child)
    {
        parent.Remove(name);
        return child;
    }
}
