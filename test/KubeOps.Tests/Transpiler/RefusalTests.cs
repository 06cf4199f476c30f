using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Tests.Transpiler;

/// <summary>What the API server would refuse, or would silently not do, fails before it gets there.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData(typeof(EmptyEnum), "at least one value")]
    [InlineData(typeof(RepeatedEnum), "must not repeat")]
    [InlineData(typeof(ForeignEnum), "of the schema's type")]
    [InlineData(typeof(BlankFormat), "format must not be blank")]
    [InlineData(typeof(UniqueList), "uniqueItems")]
    [InlineData(typeof(ListTypeOnText), "for arrays")]
    [InlineData(typeof(KeysWithoutMap), "list type Map")]
    [InlineData(typeof(MapWithoutKeys), "needs list map keys")]
    [InlineData(typeof(MissingKey), "not a field")]
    [InlineData(typeof(RepeatedKey), "must not repeat")]
    [InlineData(typeof(ObjectKey), "required scalar")]
    [InlineData(typeof(NullableKey), "required scalar")]
    [InlineData(typeof(OptionalKey), "required scalar")]
    [InlineData(typeof(SetOfObjects), "cannot be a set")]
    [InlineData(typeof(MapTypeOnText), "for objects")]
    [InlineData(typeof(BlankRule), "must not be blank")]
    [InlineData(typeof(BlankMessage), "message")]
    [InlineData(typeof(LongMessage), "message")]
    [InlineData(typeof(LongFieldPath), "field path")]
    [InlineData(typeof(LongRule), "needs a message")]
    [InlineData(typeof(StrangeReason), "reason")]
    [InlineData(typeof(BadJson), "not JSON")]
    public void It_is_refused(Type spec, string because)
    {
        var error = Assert.Throws<TranspilationFailedException>(() =>
            Transpiled.Schema(typeof(With<>).MakeGenericType(spec))
        );

        Assert.Contains(because, error.Message, StringComparison.Ordinal);
        Assert.Contains("With", error.Message, StringComparison.Ordinal);
    }

    public class EmptyEnum
    {
        [EnumValues(new string[0])]
        public string A { get; set; } = string.Empty;
    }

    public class RepeatedEnum
    {
        [EnumValues("a", "a")]
        public string A { get; set; } = string.Empty;
    }

    public class ForeignEnum
    {
        [EnumValues("a")]
        public int A { get; set; }
    }

    public class BlankFormat
    {
        [Format(" ")]
        public string A { get; set; } = string.Empty;
    }

    public class UniqueList
    {
        [UniqueItems]
        public List<string> A { get; set; } = [];
    }

    public class ListTypeOnText
    {
        [XListType(XListType.Atomic)]
        public string A { get; set; } = string.Empty;
    }

    public class KeysWithoutMap
    {
        [XListType(XListType.Atomic), XListMapKeys("k")]
        public List<Item> A { get; set; } = [];
    }

    public class MapWithoutKeys
    {
        [XListType(XListType.Map)]
        public List<Item> A { get; set; } = [];
    }

    public class MissingKey
    {
        [XListType(XListType.Map), XListMapKeys("x")]
        public List<Item> A { get; set; } = [];
    }

    public class RepeatedKey
    {
        [XListType(XListType.Map), XListMapKeys("k", "k")]
        public List<Item> A { get; set; } = [];
    }

    public class ObjectKey
    {
        [XListType(XListType.Map), XListMapKeys("o")]
        public List<Item> A { get; set; } = [];
    }

    public class NullableKey
    {
        [XListType(XListType.Map), XListMapKeys("n")]
        public List<Item> A { get; set; } = [];
    }

    public class OptionalKey
    {
        [XListType(XListType.Map), XListMapKeys("u")]
        public List<Item> A { get; set; } = [];
    }

    public class SetOfObjects
    {
        [XListType(XListType.Set)]
        public List<Item> A { get; set; } = [];
    }

    public class MapTypeOnText
    {
        [XMapType(XMapType.Atomic)]
        public string A { get; set; } = string.Empty;
    }

    public class BlankRule
    {
        [ValidationRule(" ")]
        public string A { get; set; } = string.Empty;
    }

    public class BlankMessage
    {
        [ValidationRule("true", message: "")]
        public string A { get; set; } = string.Empty;
    }

    public class LongMessage
    {
        [ValidationRule("true", message: "a\nb")]
        public string A { get; set; } = string.Empty;
    }

    public class LongFieldPath
    {
        [ValidationRule("true", fieldPath: "a\nb")]
        public string A { get; set; } = string.Empty;
    }

    public class LongRule
    {
        [ValidationRule("true &&\ntrue")]
        public string A { get; set; } = string.Empty;
    }

    public class StrangeReason
    {
        [ValidationRule("true", reason: "Because")]
        public string A { get; set; } = string.Empty;
    }

    public class BadJson
    {
        [DefaultValue("{", Json = true)]
        public object A { get; set; } = new();
    }

    public class Item
    {
        [Required]
        public string K { get; set; } = string.Empty;

        [Required]
        public TypeMappingTests.Inner O { get; set; } = new();

        [Required]
        public string? N { get; set; }

        public string U { get; set; } = string.Empty;
    }
}
