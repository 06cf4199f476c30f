using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables.Columns;

/// <summary>Columns of volumes, claims and storage classes.</summary>
internal static class StorageColumns
{
    public static readonly IReadOnlyList<TableColumn> Claims =
    [
        CommonColumns.Name,
        CommonColumns.Text("Status", string.Empty, "status", "phase"),
        CommonColumns.Text("Volume", string.Empty, "spec", "volumeName"),
        CommonColumns.Text("Capacity", string.Empty, "status", "capacity", "storage"),
        CommonColumns.Text("Access Modes", o => Modes(o.ArrayAt("status", "accessModes"))),
        CommonColumns.Text("StorageClass", string.Empty, "spec", "storageClassName"),
        CommonColumns.Text("VolumeAttributesClass", o => o.TextAt("spec", "volumeAttributesClassName") ?? "<unset>"),
        CommonColumns.Age,
        CommonColumns.Text("VolumeMode", o => o.TextAt("spec", "volumeMode") ?? string.Empty, 1),
    ];

    public static readonly IReadOnlyList<TableColumn> Volumes =
    [
        CommonColumns.Name,
        CommonColumns.Text("Capacity", string.Empty, "spec", "capacity", "storage"),
        CommonColumns.Text("Access Modes", o => Modes(o.ArrayAt("spec", "accessModes"))),
        CommonColumns.Text("Reclaim Policy", string.Empty, "spec", "persistentVolumeReclaimPolicy"),
        CommonColumns.Text("Status", string.Empty, "status", "phase"),
        CommonColumns.Text("Claim", o =>
            o.ObjectAt("spec", "claimRef") is { } c ? $"{c.TextAt("namespace")}/{c.TextAt("name")}" : string.Empty
        ),
        CommonColumns.Text("StorageClass", string.Empty, "spec", "storageClassName"),
        CommonColumns.Text("Reason", string.Empty, "status", "reason"),
        CommonColumns.Age,
    ];

    public static readonly IReadOnlyList<TableColumn> Classes =
    [
        CommonColumns.Name,
        CommonColumns.Text("Provisioner", string.Empty, "provisioner"),
        CommonColumns.Text("ReclaimPolicy", string.Empty, "reclaimPolicy"),
        CommonColumns.Text("VolumeBindingMode", string.Empty, "volumeBindingMode"),
        new("AllowVolumeExpansion", "string", string.Empty, 0, (o, _) => o.FlagAt("allowVolumeExpansion")),
        CommonColumns.Age,
    ];

    private static string Modes(JsonArray? modes) =>
        string.Join(
            ',',
            modes
                .Texts()
                .Select(m =>
                    m switch
                    {
                        "ReadWriteOnce" => "RWO",
                        "ReadOnlyMany" => "ROX",
                        "ReadWriteMany" => "RWX",
                        "ReadWriteOncePod" => "RWOP",
                        _ => m,
                    }
                )
        );
}
