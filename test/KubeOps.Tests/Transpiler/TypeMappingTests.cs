using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Tests.Transpiler;

public sealed class TypeMappingTests
{
    private const string Opaque = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""";
    private const string Embedded =
        """{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}""";

    [Theory]
    // Scalars.
    [InlineData(typeof(string), """{"type":"string"}""")]
    [InlineData(typeof(bool), """{"type":"boolean"}""")]
    [InlineData(typeof(int), """{"type":"integer","format":"int32"}""")]
    [InlineData(typeof(long), """{"type":"integer","format":"int64"}""")]
    [InlineData(typeof(float), """{"type":"number","format":"float"}""")]
    [InlineData(typeof(double), """{"type":"number","format":"double"}""")]
    [InlineData(typeof(decimal), """{"type":"number","format":"decimal"}""")]
    [InlineData(typeof(DateTime), """{"type":"string","format":"date-time"}""")]
    [InlineData(typeof(DateTimeOffset), """{"type":"string","format":"date-time"}""")]
    [InlineData(typeof(Guid), """{"type":"string","format":"uuid"}""")]
    [InlineData(typeof(Color), """{"type":"string","enum":["Red","deep-blue"]}""")]
    // Nullable values.
    [InlineData(typeof(int?), """{"type":"integer","format":"int32","nullable":true}""")]
    [InlineData(typeof(Color?), """{"type":"string","enum":["Red","deep-blue"],"nullable":true}""")]
    // Anything.
    [InlineData(typeof(object), Opaque)]
    // Sequences.
    [InlineData(typeof(string[]), """{"type":"array","items":{"type":"string"}}""")]
    [InlineData(typeof(List<int>), """{"type":"array","items":{"type":"integer","format":"int32"}}""")]
    [InlineData(typeof(IList<string>), """{"type":"array","items":{"type":"string"}}""")]
    [InlineData(typeof(IReadOnlyList<string>), """{"type":"array","items":{"type":"string"}}""")]
    [InlineData(typeof(IEnumerable<string>), """{"type":"array","items":{"type":"string"}}""")]
    [InlineData(typeof(HashSet<string>), """{"type":"array","items":{"type":"string"}}""")]
    // Dictionaries.
    [InlineData(
        typeof(Dictionary<string, int>),
        """{"type":"object","additionalProperties":{"type":"integer","format":"int32"}}"""
    )]
    [InlineData(typeof(IDictionary<string, string>), """{"type":"object","additionalProperties":{"type":"string"}}""")]
    [InlineData(
        typeof(IReadOnlyDictionary<string, bool>),
        """{"type":"object","additionalProperties":{"type":"boolean"}}"""
    )]
    [InlineData(
        typeof(IEnumerable<KeyValuePair<string, string>>),
        """{"type":"object","additionalProperties":{"type":"string"}}"""
    )]
    [InlineData(typeof(IDictionary), Opaque)]
    // Types of the Kubernetes client.
    [InlineData(typeof(ResourceQuantity), """{"type":"string"}""")]
    [InlineData(typeof(IntOrString), """{"x-kubernetes-int-or-string":true}""")]
    [InlineData(typeof(V1ObjectMeta), """{"type":"object"}""")]
    [InlineData(typeof(V1Pod), Embedded)]
    [InlineData(typeof(V1PersistentVolumeClaim), Embedded)]
    [InlineData(
        typeof(V1SecretKeySelector),
        """{"type":"object","properties":{"key":{"type":"string"},"name":{"type":"string"},"optional":"""
            + """{"type":"boolean","nullable":true}}}"""
    )]
    // Own classes.
    [InlineData(
        typeof(Inner),
        """{"type":"object","properties":{"a":{"type":"string"},"b":"""
            + """{"type":"integer","format":"int32"}},"required":["a","b"]}"""
    )]
    [InlineData(typeof(InnerRecord), """{"type":"object","properties":{"a":{"type":"string"}}}""")]
    public void Types_have_the_schema_of_the_table(Type type, string schema) =>
        Transpiled.Equal(schema, Transpiled.Value(typeof(One<>).MakeGenericType(type)));

    [Theory]
    [InlineData(typeof(uint))]
    [InlineData(typeof(ulong))]
    [InlineData(typeof(short))]
    [InlineData(typeof(ushort))]
    [InlineData(typeof(byte))]
    [InlineData(typeof(sbyte))]
    [InlineData(typeof(char))]
    [InlineData(typeof(TimeSpan))]
    [InlineData(typeof(DateOnly))]
    [InlineData(typeof(TimeOnly))]
    [InlineData(typeof(JsonElement))]
    [InlineData(typeof(OwnStruct))]
    [InlineData(typeof(byte[]))]
    [InlineData(typeof(JsonNode))]
    [InlineData(typeof(JsonObject))]
    [InlineData(typeof(Cyclic))]
    [InlineData(typeof(List<Cyclic>))]
    public void Types_without_a_schema_are_refused_by_name_of_entity_and_member(Type type)
    {
        var error = Assert.Throws<TranspilationFailedException>(() =>
            Transpiled.Schema(typeof(One<>).MakeGenericType(type))
        );

        Assert.Contains("One", error.Message, StringComparison.Ordinal);
        Assert.Contains("Value", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_classes_are_expanded()
    {
        var schema = Transpiled.Value(typeof(One<V1PodSpec>));

        Assert.Equal("array", schema.Properties["containers"].Type);
        Assert.Equal("object", schema.Properties["nodeSelector"].Type);
        Assert.Null(schema.Required);
        Assert.Null(schema.Properties["hostname"].Nullable);
        Assert.True(schema.Properties["activeDeadlineSeconds"].Nullable);
        Assert.Contains("clusterIP", Transpiled.Value(typeof(One<V1ServiceSpec>)).Properties.Keys);
    }

    /// <summary>KubeOps leaves a bare object there, from which the API server prunes everything.</summary>
    [Fact]
    public void Metadata_of_pod_templates_keeps_labels_and_annotations() =>
        Transpiled.Equal(
            """
            {"type":"object","properties":{
              "annotations":{"type":"object","additionalProperties":{"type":"string"}},
              "labels":{"type":"object","additionalProperties":{"type":"string"}}}}
            """,
            Transpiled.Value(typeof(One<V1PodTemplateSpec>)).Properties["metadata"]
        );

    [Fact]
    public void Members_without_a_schema_are_tolerated_where_unknown_fields_are_preserved()
    {
        var schema = Transpiled.Value(typeof(One<Tolerant>));

        Transpiled.Equal(Opaque, schema.Properties["onProperty"]);
        Transpiled.Equal(Embedded, schema.Properties["embedded"]);
        Transpiled.Equal(Opaque, Transpiled.Value(typeof(One<TolerantClass>)).Properties["span"]);
    }

    public enum Color
    {
        Red,

        [JsonStringEnumMemberName("deep-blue")]
        Blue,
    }

    public struct OwnStruct;

    public class Inner
    {
        [Required]
        public int B { get; set; }

        [Required]
        public string A { get; set; } = string.Empty;
    }

    public record InnerRecord(string A);

    public class Cyclic
    {
        public Cyclic? Next { get; set; }
    }

    public class Tolerant
    {
        [PreserveUnknownFields]
        public Cyclic OnProperty { get; set; } = new();

        [EmbeddedResource]
        public TimeSpan Embedded { get; set; }
    }

    [PreserveUnknownFields]
    public class TolerantClass
    {
        public TimeSpan Span { get; set; }
    }
}
