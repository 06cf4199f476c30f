using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace KubeOps.Transpiler;

/// <summary>Reads the identity of entity classes, of this program or of a metadata context.</summary>
public static class Entities
{
    /// <summary>Identity and scope (<c>Namespaced</c> or <c>Cluster</c>) of a class of this program.</summary>
    /// <exception cref="ArgumentException">The class itself does not carry <c>[KubernetesEntity]</c>.</exception>
    public static (EntityMetadata Metadata, string Scope) ToEntityMetadata<TEntity>() =>
        ToEntityMetadata(typeof(TEntity));

    /// <inheritdoc cref="ToEntityMetadata{TEntity}" />
    public static (EntityMetadata Metadata, string Scope) ToEntityMetadata(Type entityType)
    {
        var attribute = Attributes.Find(entityType, typeof(KubernetesEntityAttribute))
            ?? throw new ArgumentException(
                $"The class {entityType} does not carry [KubernetesEntity].",
                nameof(entityType)
            );
        var kind = Text(attribute, nameof(KubernetesEntityAttribute.Kind)) ?? entityType.Name;
        var metadata = new EntityMetadata(
            kind,
            Text(attribute, nameof(KubernetesEntityAttribute.ApiVersion)) ?? "v1",
            Text(attribute, nameof(KubernetesEntityAttribute.Group)),
            Text(attribute, nameof(KubernetesEntityAttribute.PluralName))
        );
        return (metadata, Scope(entityType).ToString());
    }

    private static EntityScope Scope(Type entityType) =>
        Attributes.Find(entityType, typeof(EntityScopeAttribute)) is { ConstructorArguments: [{ Value: int scope }] }
            ? (EntityScope)scope
            : EntityScope.Namespaced;

    private static string? Text(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value is string text
        && !string.IsNullOrWhiteSpace(text)
            ? text
            : null;
}
