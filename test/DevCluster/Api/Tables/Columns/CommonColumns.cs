using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables.Columns;

/// <summary>Columns that many tables have.</summary>
internal static class CommonColumns
{
    private const string NameText =
        "Name must be unique within a namespace. Is required when creating resources, although some resources may "
        + "allow a client to request the generation of an appropriate name automatically. Name is primarily intended "
        + "for creation idempotence and configuration definition. Cannot be updated. More info: "
        + "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";

    private const string AgeText =
        "CreationTimestamp is a timestamp representing the server time when this object was created. It is not "
        + "guaranteed to be set in happens-before order across separate operations. Clients may not set this value. "
        + "It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. "
        + "More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

    public static readonly TableColumn Name = new("Name", "string", NameText, 0, (o, _) =>
        o.TextAt("metadata", "name")
    );

    public static readonly TableColumn WideName = Name with { Priority = 1 };

    public static readonly TableColumn Age = new("Age", "string", AgeText, 0, Since("metadata", "creationTimestamp"));

    /// <summary>The age of custom resources that declare no columns.</summary>
    public static readonly TableColumn CustomAge = Age with { Type = "date", Description = AgeText };

    public static Func<JsonObject, CellContext, JsonNode?> Since(params string[] path) =>
        (value, context) => HumanDuration.Since(value.TextAt(path), context.Now);

    public static TableColumn Text(string name, string description, params string[] path) =>
        new(name, "string", description, 0, (o, _) => o.TextAt(path) ?? string.Empty);

    public static TableColumn Text(
        string name,
        Func<JsonObject, string> cell,
        int priority = 0,
        string description = ""
    ) => new(name, "string", description, priority, (o, _) => cell(o));

    public static TableColumn Number(
        string name,
        Func<JsonObject, long> cell,
        int priority = 0,
        string description = ""
    ) => new(name, "integer", description, priority, (o, _) => cell(o));
}
