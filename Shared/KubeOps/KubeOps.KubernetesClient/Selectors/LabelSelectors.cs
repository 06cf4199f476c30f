namespace KubeOps.KubernetesClient.Selectors;

/// <summary>The label has one of the values: <c>label in (a,b)</c>.</summary>
public record EqualsLabelSelector(string Label, params string[] Values) : LabelSelector
{
    /// <inheritdoc />
    protected override string ToExpression() => $"{Label} in ({string.Join(',', Values)})";
}

/// <summary>The label is absent or has another value: <c>label notin (a,b)</c>.</summary>
public record NotEqualsLabelSelector(string Label, params string[] Values) : LabelSelector
{
    /// <inheritdoc />
    protected override string ToExpression() => $"{Label} notin ({string.Join(',', Values)})";
}

/// <summary>The label is present: <c>label</c>.</summary>
public record ExistsLabelSelector(string Label) : LabelSelector
{
    /// <inheritdoc />
    protected override string ToExpression() => Label;
}

/// <summary>The label is absent: <c>!label</c>.</summary>
public record NotExistsLabelSelector(string Label) : LabelSelector
{
    /// <inheritdoc />
    protected override string ToExpression() => $"!{Label}";
}
