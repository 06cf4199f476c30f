namespace KubeOps.KubernetesClient.Selectors;

/// <summary>The field has the value: <c>field=value</c>.</summary>
public record EqualsFieldSelector(string Field, string Value) : FieldSelector
{
    /// <inheritdoc />
    protected override string ToExpression() => $"{Field}={Value}";
}

/// <summary>The field has another value: <c>field!=value</c>.</summary>
public record NotEqualsFieldSelector(string Field, string Value) : FieldSelector
{
    /// <inheritdoc />
    protected override string ToExpression() => $"{Field}!={Value}";
}
