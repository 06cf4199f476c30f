using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Resources;

/// <summary>Events of <c>events.k8s.io/v1</c> are core Events with other names for some fields.</summary>
internal sealed class EventConversion : IConversion
{
    private static readonly (string Core, string New)[] Names =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
    ];

    public void ToStored(JsonObject value)
    {
        foreach (var (core, renamed) in Names)
        {
            Rename(value, renamed, core);
        }

        value["apiVersion"] = "v1";
    }

    public void FromStored(JsonObject value)
    {
        foreach (var (core, renamed) in Names)
        {
            Rename(value, core, renamed);
        }

        value["apiVersion"] = "events.k8s.io/v1";
    }

    private static void Rename(JsonObject value, string from, string to)
    {
        if (value.TryGetPropertyValue(from, out var node))
        {
            value.Remove(from);
            value[to] = node;
        }
    }
}
