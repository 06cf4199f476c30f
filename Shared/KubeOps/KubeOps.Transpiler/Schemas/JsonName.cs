using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeOps.Transpiler.Schemas;

/// <summary>The names that the serializer writes: an explicit one as it stands, others in camel case.</summary>
internal static class JsonName
{
    public static string Of(PropertyInfo property) =>
        Attributes.Find(property, typeof(JsonPropertyNameAttribute))?.Argument<string>(0)
        ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    public static string OfEnumMember(FieldInfo member) =>
        Attributes.Find(member, typeof(JsonStringEnumMemberNameAttribute))?.Argument<string>(0) ?? member.Name;
}
