namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Whether objects live in a namespace or in the cluster: <c>spec.scope</c> of the CRD.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public class EntityScopeAttribute(EntityScope scope = default) : Attribute
{
    /// <summary>The scope.</summary>
    public EntityScope Scope { get; } = scope;
}
