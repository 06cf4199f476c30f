using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies;

internal sealed class PersistentVolumeClaimStrategy : ResourceStrategy
{
    public override void Default(JsonObject value)
    {
        var spec = value.Child("spec");
        spec.Default("volumeMode", "Filesystem");
        spec.Child("resources");
    }

    public override IEnumerable<FieldError> Validate(JsonObject value)
    {
        if (value.ArrayAt("spec", "accessModes") is not { Count: > 0 })
        {
            yield return FieldError.Required("spec.accessModes", "at least 1 access mode is required");
        }

        if (value.ObjectAt("spec", "resources", "requests")?["storage"] is null)
        {
            yield return FieldError.Required("spec.resources[storage]");
        }
    }
}

internal sealed class PersistentVolumeStrategy : ResourceStrategy
{
    public override void Default(JsonObject value)
    {
        var spec = value.Child("spec");
        spec.Default("persistentVolumeReclaimPolicy", "Retain");
        spec.Default("volumeMode", "Filesystem");
    }
}

internal sealed class StorageClassStrategy : ResourceStrategy
{
    public override void Default(JsonObject value)
    {
        value.Default("reclaimPolicy", "Delete");
        value.Default("volumeBindingMode", "Immediate");
    }
}
