using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Tables;

/// <summary>What cells need besides their object.</summary>
internal sealed record CellContext(DateTimeOffset Now);

/// <summary>One column of a table.</summary>
/// <param name="Priority">0 is always shown, 1 in wide output.</param>
internal sealed record TableColumn(
    string Name,
    string Type,
    string Description,
    int Priority,
    Func<JsonObject, CellContext, JsonNode?> Cell
)
{
    public JsonObject ToJson() =>
        new()
        {
            ["name"] = Name,
            ["type"] = Type,
            ["format"] = Name == "Name" ? "name" : string.Empty,
            ["description"] = Description,
            ["priority"] = Priority,
        };
}
