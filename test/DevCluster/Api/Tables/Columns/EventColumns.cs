using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables.Columns;

/// <summary>Columns of events. Those of <c>events.k8s.io</c> carry the same facts under other names.</summary>
internal static class EventColumns
{
    private const string SubobjectText =
        "If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go "
        + "field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference "
        + "is "
        + "to a container within a pod, this would take on a value like: \"spec.containers{name}\" (where \"name\" "
        + "refers "
        + "to the name of the container that triggered the event) or if no container name is specified "
        + "\"spec.containers[2]\" (container with index 2 in this pod). This syntax is chosen only to have some "
        + "well-defined way of referencing a part of an object.";

    public static readonly IReadOnlyList<TableColumn> All =
    [
        new(
            "Last Seen",
            "string",
            "The time at which the most recent occurrence of this event was recorded.",
            0,
            LastSeen
        ),
        CommonColumns.Text(
            "Type",
            "Type of this event (Normal, Warning), new types could be added in the future",
            "type"
        ),
        CommonColumns.Text(
            "Reason",
            "This should be a short, machine understandable string that gives the reason for the transition into the "
                + "object's current status.",
            "reason"
        ),
        CommonColumns.Text("Object", Subject, description: "The object that this event is about."),
        CommonColumns.Text("Subobject", o => About(o).TextAt("fieldPath") ?? string.Empty, 1, SubobjectText),
        CommonColumns.Text(
            "Source",
            Source,
            1,
            "The component reporting this event. Should be a short machine understandable string."
        ),
        CommonColumns.Text(
            "Message",
            o => (o.TextAt("message") ?? o.TextAt("note") ?? string.Empty).Trim(),
            description: "A human-readable description of the status of this operation."
        ),
        new(
            "First Seen",
            "string",
            "The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)",
            1,
            FirstSeen
        ),
        new("Count", "string", "The number of times this event has occurred.", 1, (o, _) => Count(o)),
        CommonColumns.WideName,
    ];

    private static JsonObject About(JsonObject value) =>
        value.ObjectAt("involvedObject") ?? value.ObjectAt("regarding") ?? [];

    private static string Subject(JsonObject value)
    {
        var about = About(value);
        var kind = (about.TextAt("kind") ?? string.Empty).ToLowerInvariant();
        return about.TextAt("name") is { Length: > 0 } name ? $"{kind}/{name}" : kind;
    }

    private static string Source(JsonObject value)
    {
        var source = value.ObjectAt("source") ?? value.ObjectAt("deprecatedSource");
        var component = source.TextAt("component") is { Length: > 0 } given
            ? given
            : value.TextAt("reportingComponent") ?? value.TextAt("reportingController") ?? string.Empty;
        var host = source.TextAt("host") is { Length: > 0 } at ? at : value.TextAt("reportingInstance") ?? string.Empty;
        return host.Length == 0 ? component : $"{component}, {host}";
    }

    private static JsonNode? LastSeen(JsonObject value, CellContext context) =>
        HumanDuration.Since(
            value.TextAt("series", "lastObservedTime")
                ?? value.TextAt("lastTimestamp")
                ?? value.TextAt("deprecatedLastTimestamp")
                ?? value.TextAt("firstTimestamp")
                ?? value.TextAt("deprecatedFirstTimestamp")
                ?? value.TextAt("eventTime"),
            context.Now
        );

    private static JsonNode? FirstSeen(JsonObject value, CellContext context) =>
        HumanDuration.Since(
            value.TextAt("firstTimestamp") ?? value.TextAt("deprecatedFirstTimestamp") ?? value.TextAt("eventTime"),
            context.Now
        );

    private static JsonNode Count(JsonObject value) =>
        value.IntegerAt("series", "count") ?? value.IntegerAt("count") ?? value.IntegerAt("deprecatedCount") ?? 1;
}
