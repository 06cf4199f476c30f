namespace KubeOps.KubernetesClient.Selectors;

/// <summary>Joins selectors into one expression.</summary>
public static class SelectorExtensions
{
    /// <summary>All conditions, joined by commas.</summary>
    public static string ToExpression(this IEnumerable<LabelSelector> selectors) =>
        string.Join(',', selectors.Select(selector => selector.Expression));

    /// <summary>All conditions, joined by commas.</summary>
    public static string ToExpression(this IEnumerable<FieldSelector> selectors) =>
        string.Join(',', selectors.Select(selector => selector.Expression));

    internal static string? LabelExpression(this IEnumerable<KubernetesSelector> selectors) =>
        NullIfEmpty(selectors.OfType<LabelSelector>().ToExpression());

    internal static string? FieldExpression(this IEnumerable<KubernetesSelector> selectors) =>
        NullIfEmpty(selectors.OfType<FieldSelector>().ToExpression());

    private static string? NullIfEmpty(string expression) => expression.Length == 0 ? null : expression;
}
