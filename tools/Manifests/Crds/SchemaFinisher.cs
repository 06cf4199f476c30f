using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Granary.Api;
using k8s.Models;

namespace Granary.Manifests.Crds;

/// <summary>Adds to a schema what a type says beyond KubeOps' mapping. Walks type and schema side by side.</summary>
/// <remarks>
/// Descriptions come from the doc comments. A quantity may be written as a number, as everywhere in Kubernetes
/// (<c>cpu: 1</c>). Metadata within a template keeps labels and annotations, which a bare object would lose.
/// </remarks>
internal sealed class SchemaFinisher(XmlDocs docs)
{
    /// <summary>As <c>DnsName.SubdomainPattern</c> of Api, which this program only reads.</summary>
    private const string NamePattern = @"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$";

    private const int MaxName = 253;

    /// <summary>Whether a name may still hold variables.</summary>
    private bool _isTemplate;

    /// <summary>Finishes the schema of an entity.</summary>
    public void Finish(V1JSONSchemaProps root, Type entity)
    {
        root.Description = docs.Of(entity);
        _isTemplate = entity.Name is "Function" or "Task";
        Members(root, entity);
        foreach (var part in root.Properties.Values)
        {
            // Spec and status are type parameters, of which nothing says that they are never null.
            part.Nullable = null;
        }
    }

    private void Members(V1JSONSchemaProps schema, Type type)
    {
        if (schema.Properties is not { Count: > 0 })
        {
            return;
        }

        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (schema.Properties.TryGetValue(JsonName(property), out var member))
            {
                member.Description ??= docs.Of(property);
                NameOf(member, type, property.Name);
                Value(member, property.PropertyType);
            }
        }

        schema.Properties = new SortedDictionary<string, V1JSONSchemaProps>(schema.Properties, StringComparer.Ordinal);
    }

    private void Value(V1JSONSchemaProps schema, Type type)
    {
        if (schema.Items is V1JSONSchemaProps item)
        {
            Value(item, Argument(type, 0));
        }
        else if (schema.AdditionalProperties is V1JSONSchemaProps value)
        {
            Value(value, Argument(type, 1));
        }
        else if (type.FullName == typeof(ResourceQuantity).FullName)
        {
            schema.Type = null;
            schema.XKubernetesIntOrString = true;
        }
        else if (type.FullName == typeof(V1ObjectMeta).FullName && schema.Properties is not { Count: > 0 })
        {
            schema.XKubernetesPreserveUnknownFields = true;
        }
        else
        {
            Members(schema, type);
        }
    }

    /// <summary>References of Kubernetes' own types, which carry no attributes of ours.</summary>
    private void NameOf(V1JSONSchemaProps schema, Type type, string property)
    {
        if (
            !_isTemplate
            && type.FullName == typeof(V1LocalObjectReference).FullName
            && property == nameof(V1LocalObjectReference.Name)
        )
        {
            schema.Pattern = NamePattern;
            schema.MaxLength = MaxName;
        }
    }

    /// <summary>The element of a list or array, or the value of a dictionary.</summary>
    private static Type Argument(Type type, int index) =>
        type.IsArray ? type.GetElementType()! : type.GenericTypeArguments[index];

    private static string JsonName(PropertyInfo property) =>
        JsonNamingPolicy.CamelCase.ConvertName(
            property
                .CustomAttributes.FirstOrDefault(attribute =>
                    attribute.AttributeType.FullName == typeof(JsonPropertyNameAttribute).FullName
                )
                ?.ConstructorArguments[0]
                .Value as string
                ?? property.Name
        );
}
