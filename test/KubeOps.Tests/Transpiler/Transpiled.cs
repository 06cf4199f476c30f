using System.Reflection;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Transpiler;

namespace KubeOps.Tests.Transpiler;

/// <summary>Classes of this assembly as definitions.</summary>
internal static class Transpiled
{
    private static readonly MetadataLoadContext Context = ContextCreator.Create([typeof(Transpiled).Assembly]);
    private static readonly Lock ContextLock = new();

    public static V1CustomResourceDefinition Definition(Type type)
    {
        lock (ContextLock)
        {
            return Context.Transpile(type);
        }
    }

    public static IReadOnlyList<V1CustomResourceDefinition> Definitions(params Type[] types)
    {
        lock (ContextLock)
        {
            return [.. Context.Transpile(types)];
        }
    }

    public static IReadOnlyList<V1PolicyRule> Rules<T>()
    {
        lock (ContextLock)
        {
            return [.. Context.Transpile(typeof(T).GetCustomAttributesData().ToList())];
        }
    }

    public static V1JSONSchemaProps Schema(Type type) => Definition(type).Spec.Versions[0].Schema.OpenAPIV3Schema;

    /// <summary>The schema of the property <c>value</c> of an entity.</summary>
    public static V1JSONSchemaProps Value(Type type) => Schema(type).Properties["value"];

    public static void Equal(string expected, V1JSONSchemaProps actual)
    {
        var json = KubernetesJson.Serialize(actual);
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(json)),
            $"expected {expected}\nbut was  {json}"
        );
    }
}

/// <summary>An entity with one property of any type.</summary>
[KubernetesEntity(Group = "kubeops.test", ApiVersion = "v1", Kind = "One", PluralName = "ones")]
public class One<T> : CustomKubernetesEntity
    where T : notnull
{
    public T Value { get; set; } = default!;
}

/// <summary>An entity whose base is where a test puts its one property.</summary>
[KubernetesEntity(Group = "kubeops.test", ApiVersion = "v1", Kind = "With", PluralName = "withs")]
public class With<TSpec> : CustomKubernetesEntity<TSpec>
    where TSpec : new();
