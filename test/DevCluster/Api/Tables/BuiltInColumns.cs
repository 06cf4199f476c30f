namespace Granary.DevCluster.Api.Tables;

/// <summary>Columns of the built-in resources.</summary>
internal static class BuiltInColumns
{
    private static readonly IReadOnlyList<TableColumn> Plain = [CommonColumns.Name, CommonColumns.Age];

    public static IReadOnlyList<TableColumn> Of(string group, string plural) => Plain;
}
