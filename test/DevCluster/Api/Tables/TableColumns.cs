using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Tables.Columns;

namespace Granary.DevCluster.Api.Tables;

/// <summary>Chooses the columns of a resource.</summary>
internal static class TableColumns
{
    public static IReadOnlyList<TableColumn> Of(ResourceDefinition resource) =>
        resource.Custom is { } custom ? OfCustom(custom) : BuiltInColumns.Of(resource.Group, resource.Plural);

    private static List<TableColumn> OfCustom(CustomResource custom)
    {
        var columns = new List<TableColumn> { CommonColumns.Name };
        if (custom.Columns is not { Count: > 0 })
        {
            columns.Add(CommonColumns.CustomAge);
            return columns;
        }

        foreach (var column in custom.Columns.Objects())
        {
            var path = column.TextAt("jsonPath") ?? string.Empty;
            var type = column.TextAt("type") ?? "string";
            var description = column.TextAt("description");
            columns.Add(
                new TableColumn(
                    column.TextAt("name") ?? string.Empty,
                    type,
                    string.IsNullOrEmpty(description)
                        ? $"Custom resource definition column (in JSONPath format): {path}"
                        : description,
                    (int)(column.IntegerAt("priority") ?? 0),
                    (value, context) => Cell(value, path, type, context)
                )
            );
        }

        return columns;
    }

    private static JsonNode? Cell(JsonObject value, string path, string type, CellContext context)
    {
        var found = JsonPath.Find(value, path);
        if (found.Count == 0)
        {
            return null;
        }

        if (type == "date")
        {
            return HumanDuration.Since(
                found[0].Kind() == JsonValueKind.String ? found[0]!.GetValue<string>() : null,
                context.Now
            );
        }

        if (type == "string")
        {
            return string.Join(',', found.Select(Text));
        }

        return found[0].Kind() switch
        {
            JsonValueKind.Number when type is "integer" or "number" => found[0]!.DeepClone(),
            JsonValueKind.True or JsonValueKind.False when type == "boolean" => found[0]!.DeepClone(),
            _ => null,
        };
    }

    private static string Text(JsonNode? node) =>
        node.Kind() switch
        {
            JsonValueKind.String => node!.GetValue<string>(),
            JsonValueKind.Null => string.Empty,
            _ => node!.ToJsonString(),
        };
}
