using System.Text.Json.Nodes;

namespace Granary.Operator.Cluster;

/// <summary>The JSON merge patch (RFC 7386) that turns one document into another.</summary>
/// <remarks>
/// Members that only the stored document has are not mentioned, so fields that this program does not know survive.
/// </remarks>
internal static class MergePatch
{
    /// <returns>The patch; null when the documents are equal, so that nothing has to be written.</returns>
    public static JsonObject? Between(JsonObject before, JsonObject after)
    {
        var patch = new JsonObject();
        foreach (var (name, _) in before)
        {
            if (after[name] is null && before[name] is not null)
            {
                patch[name] = null;
            }
        }

        foreach (var (name, wanted) in after)
        {
            if (wanted is null || JsonNode.DeepEquals(before[name], wanted))
            {
                continue;
            }

            if (before[name] is not JsonObject was || wanted is not JsonObject will)
            {
                patch[name] = wanted.DeepClone();
            }
            else if (Between(was, will) is { } inner)
            {
                patch[name] = inner;
            }
        }

        return patch.Count == 0 ? null : patch;
    }
}
