using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Resources;

namespace Granary.DevCluster.Api.Tables;

/// <summary>Makes the tables that kubectl prints.</summary>
internal sealed class TableMaker(TimeProvider clock)
{
    public JsonObject Make(
        ResourceDefinition resource,
        IReadOnlyList<JsonObject> objects,
        JsonObject metadata,
        string include
    )
    {
        var columns = TableColumns.Of(resource);
        var context = new CellContext(clock.GetUtcNow());
        var rows = new JsonArray();
        foreach (var value in objects)
        {
            var row = new JsonObject { ["cells"] = new JsonArray([.. columns.Select(c => c.Cell(value, context))]) };
            if (include == "Object")
            {
                row["object"] = value.DeepClone();
            }
            else if (include != "None")
            {
                row["object"] = Partial(value);
            }

            rows.Add((JsonNode)row);
        }

        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = new JsonArray([.. columns.Select(c => (JsonNode)c.ToJson())]),
            ["rows"] = rows,
        };
    }

    public static JsonObject Partial(JsonObject value) =>
        new()
        {
            ["kind"] = "PartialObjectMetadata",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = value["metadata"]?.DeepClone(),
        };
}
