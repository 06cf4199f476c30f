namespace KubeOps.Abstractions.Reconciliation.Controller;

/// <summary>Names the label selector of a controller.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class LabelSelectorAttribute(Type selectorType) : Attribute
{
    /// <summary>An <c>IEntityLabelSelector</c> for the controller's entity.</summary>
    public Type SelectorType { get; } = selectorType;
}

/// <summary>Names the field selector of a controller.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class FieldSelectorAttribute(Type selectorType) : Attribute
{
    /// <summary>An <c>IEntityFieldSelector</c> for the controller's entity.</summary>
    public Type SelectorType { get; } = selectorType;
}
