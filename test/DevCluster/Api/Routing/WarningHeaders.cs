namespace Granary.DevCluster.Api.Routing;

/// <summary>Tells clients what is worth a warning (RFC 7234, 299).</summary>
internal static class WarningHeaders
{
    /// <summary>Runes of one warning that are kept.</summary>
    private const int MostLength = 4096;

    public static void Write(HttpContext http, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings.Distinct(StringComparer.Ordinal))
        {
            var text = warning.ReplaceLineEndings(" ");
            text = text.Length > MostLength ? text[..MostLength] : text;
            var quoted = text.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal);
            http.Response.Headers.Append("Warning", $"299 - \"{quoted}\"");
        }
    }
}
