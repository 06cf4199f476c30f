using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables.Columns;

/// <summary>Columns of config maps, secrets and service accounts.</summary>
internal static class ConfigColumns
{
    public static readonly IReadOnlyList<TableColumn> ConfigMaps =
    [
        CommonColumns.Name,
        new(
            "Data",
            "string",
            "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. "
                + "Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must "
                + "not "
                + "overlap with the keys in the BinaryData field, this is enforced during validation process.",
            0,
            (o, _) => (o.ObjectAt("data")?.Count ?? 0) + (o.ObjectAt("binaryData")?.Count ?? 0)
        ),
        CommonColumns.Age,
    ];

    public static readonly IReadOnlyList<TableColumn> Secrets =
    [
        CommonColumns.Name,
        CommonColumns.Text("Type", "Used to facilitate programmatic handling of secret data.", "type"),
        new("Data", "string", "Data contains the secret data.", 0, (o, _) => o.ObjectAt("data")?.Count ?? 0),
        CommonColumns.Age,
    ];

    public static readonly IReadOnlyList<TableColumn> ServiceAccounts =
    [
        CommonColumns.Name,
        new("Secrets", "string", "Secrets that pods of this account may use.", 0, (o, _) =>
            o.ArrayAt("secrets")?.Count ?? 0
        ),
        CommonColumns.Age,
    ];
}
