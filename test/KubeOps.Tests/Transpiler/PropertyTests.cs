using System.Text.Json;
using System.Text.Json.Serialization;
using k8s;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Tests.Cluster;

namespace KubeOps.Tests.Transpiler;

public sealed class PropertyTests
{
    [Theory]
    [InlineData(
        "text",
        """{"type":"string","description":"d","title":"t","minLength":1,"maxLength":"""
            + """9,"pattern":"^a","format":"x","example":"a","default":"a","enum":["a","b"],"externalDocs":"""
            + """{"url":"u","description":"e"}}"""
    )]
    [InlineData(
        "number",
        """{"type":"integer","format":"int32","minimum":0,"exclusiveMinimum":true,"maximum":9,"exclusiveMaximum":"""
            + """false,"multipleOf":3,"default":3,"enum":[1,2]}"""
    )]
    [InlineData("fraction", """{"type":"number","format":"double","default":1.5,"enum":[1.5,2.5]}""")]
    [InlineData("noFormat", """{"type":"integer"}""")]
    [InlineData("items", """{"type":"array","minItems":1,"items":{"type":"string"},"x-kubernetes-list-type":"set"}""")]
    [InlineData(
        "keyed",
        """{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}},"required":"""
            + """["name"]},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"]}"""
    )]
    [InlineData(
        "map",
        """{"type":"object","maxProperties":5,"additionalProperties":"""
            + """{"type":"string"},"x-kubernetes-map-type":"atomic"}"""
    )]
    [InlineData(
        "json",
        """{"type":"object","x-kubernetes-preserve-unknown-fields":true,"default":{"a":[1,"b",true]}}"""
    )]
    [InlineData("maybe", """{"type":"string","nullable":true}""")]
    [InlineData(
        "described",
        """{"type":"object","properties":{},"description":"of the type","default":{},"x-kubernetes-validations":["""
            + """{"rule":"type"},{"rule":"property","fieldPath":".a","message":"m","reason":"FieldValueInvalid"}]}"""
    )]
    public void Attributes_complete_the_schema(string property, string expected) =>
        Transpiled.Equal(expected, Transpiled.Schema(typeof(With<Spec>)).Properties["spec"].Properties[property]);

    [Fact]
    public void Ignored_properties_are_left_out() =>
        Assert.DoesNotContain("ignored", Transpiled.Schema(typeof(With<Spec>)).Properties["spec"].Properties.Keys);

    [Fact]
    public void Names_stand_in_ordinal_order()
    {
        var names = Transpiled.Schema(typeof(With<Spec>)).Properties["spec"].Properties.Keys.ToList();

        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    /// <summary>KubeOps camel-cases explicit names too, so that its schema prunes what its serializer writes.</summary>
    [Fact]
    public void The_schema_names_a_property_as_the_serializer_does()
    {
        var written = JsonDocument
            .Parse(KubernetesJson.Serialize(new Named()))
            .RootElement.EnumerateObject()
            .Select(p => p.Name);

        var schema = Transpiled.Schema(typeof(With<Named>)).Properties["spec"].Properties.Keys;

        Assert.Equal(written.Order(StringComparer.Ordinal), schema);
        Assert.Contains("URLPath", schema);
    }

    [Fact]
    public void Not_only_serialized_properties_have_a_schema()
    {
        var names = Transpiled.Schema(typeof(With<Unfiltered>)).Properties["spec"].Properties.Keys;

        Assert.Equal(["computed", "inherited", "notSerialized", "shared"], names);
    }

    [Fact]
    public void Only_the_attribute_makes_a_property_required() =>
        Assert.Null(Transpiled.Schema(typeof(With<CSharpRequired>)).Properties["spec"].Required);

    [Fact]
    public void Spec_is_required_when_one_of_its_properties_or_its_type_is()
    {
        Assert.Equal(["spec"], Transpiled.Schema(typeof(With<TypeMappingTests.Inner>)).Required);
        Assert.Equal(["spec"], Transpiled.Schema(typeof(With<RequiredType>)).Required);
        Assert.Null(Transpiled.Schema(typeof(Widget)).Required);
    }

    [Fact]
    public void The_root_leaves_out_what_every_object_has() =>
        Assert.Equal(["spec", "status"], Transpiled.Schema(typeof(Widget)).Properties.Keys);

    public class Spec
    {
        [Description("d"), Title("t"), Length(minLength: 1, maxLength: 9), Pattern("^a"), Format("x")]
        [Example("a"), DefaultValue("a"), EnumValues("a", "b"), ExternalDocs("u", "e")]
        public string Text { get; set; } = string.Empty;

        [RangeMinimum(0, exclusiveMinimum: true), RangeMaximum(9), MultipleOf(3), DefaultValue(3), EnumValues(1L, 2L)]
        public int Number { get; set; }

        [DefaultValue(1.5), EnumValues(1.5, 2.5)]
        public double Fraction { get; set; }

        [Format(null)]
        public long NoFormat { get; set; }

        [Items(minItems: 1), XListType(XListType.Set)]
        public List<string> Items { get; set; } = [];

        [XListType(XListType.Map), XListMapKeys("name")]
        public List<Keyed> Keyed { get; set; } = [];

        [PropertyLimits(maxProperties: 5), XMapType(XMapType.Atomic)]
        public Dictionary<string, string> Map { get; set; } = [];

        [DefaultValue("""{"a":[1,"b",true]}""", Json = true)]
        public object Json { get; set; } = new();

        public string? Maybe { get; set; }

        [Description("of the property")]
        [ValidationRule("property", fieldPath: ".a", message: "m", reason: "FieldValueInvalid")]
        public Described Described { get; set; } = new();

        [Ignore]
        public TimeSpan Ignored { get; set; }
    }

    public class Keyed
    {
        [Required]
        public string Name { get; set; } = string.Empty;
    }

    [Description("of the type"), ValidationRule("type"), DefaultValue("{}", Json = true)]
    public class Described;

    public class Named
    {
        [JsonPropertyName("URLPath")]
        public string UrlPath { get; set; } = "x";

        public string HTTPPort { get; set; } = "x";

        public string Plain { get; set; } = "x";
    }

    public class Base
    {
        public string Inherited { get; set; } = string.Empty;
    }

    public class Unfiltered : Base
    {
        [JsonIgnore]
        public string NotSerialized { get; set; } = string.Empty;

        public string Computed => Inherited;

        public static string Shared { get; set; } = string.Empty;
    }

    public class CSharpRequired
    {
        public string NotNull { get; set; } = string.Empty;
    }

    [Required]
    public class RequiredType
    {
        public string A { get; set; } = string.Empty;
    }
}
