namespace KubeOps.KubernetesClient.Selectors;

/// <summary>A condition on objects, in the API server's expression language.</summary>
public abstract record KubernetesSelector
{
    /// <summary>The expression.</summary>
    public static implicit operator string(KubernetesSelector selector) => selector.ToExpression();

    internal string Expression => ToExpression();

    /// <summary>The expression.</summary>
    protected abstract string ToExpression();
}

/// <summary>A condition on labels.</summary>
public abstract record LabelSelector : KubernetesSelector;

/// <summary>A condition on fields.</summary>
public abstract record FieldSelector : KubernetesSelector;
