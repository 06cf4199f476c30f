namespace Granary.Worker.Commands.Printing;

/// <summary>Rows for people: columns as wide as what is in them.</summary>
internal static class TextTable
{
    private const int Gap = 2;

    /// <summary>The lines of a table.</summary>
    /// <param name="rows">Rows with the same number of cells.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<string[]> rows)
    {
        var widths =
            rows.Count == 0
                ? []
                : Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        return rows.Select(row =>
            string.Concat(row.Select((cell, column) => cell.PadRight(widths[column] + Gap))).TrimEnd()
        );
    }
}
