using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies.Workloads;

/// <summary>Defaults of a pod's volumes.</summary>
internal static class VolumeDefaults
{
    /// <summary>0644.</summary>
    private const int FileMode = 420;

    private const int TokenSeconds = 3600;

    public static void Apply(JsonObject volume)
    {
        if (volume.All(p => p.Key == "name"))
        {
            volume["emptyDir"] = new JsonObject();
        }

        foreach (var kind in (string[])["secret", "configMap", "projected", "downwardAPI"])
        {
            volume.ObjectAt(kind)?.Default("defaultMode", FileMode);
        }

        volume.ObjectAt("hostPath")?.Default("type", string.Empty);
        ApplyToDownward(volume.ObjectAt("downwardAPI"));
        foreach (var source in volume.ArrayAt("projected", "sources").Objects())
        {
            source.ObjectAt("serviceAccountToken")?.Default("expirationSeconds", TokenSeconds);
            ApplyToDownward(source.ObjectAt("downwardAPI"));
        }

        foreach (
            var claim in volume.ObjectAt("ephemeral", "volumeClaimTemplate", "spec") is { } spec
                ? [spec]
                : Array.Empty<JsonObject>()
        )
        {
            claim.Default("volumeMode", "Filesystem");
        }
    }

    private static void ApplyToDownward(JsonObject? source)
    {
        foreach (var item in source.ArrayAt("items").Objects())
        {
            item.ObjectAt("fieldRef")?.Default("apiVersion", "v1");
        }
    }
}
