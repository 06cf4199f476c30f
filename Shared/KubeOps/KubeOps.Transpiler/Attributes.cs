using System.Reflection;

namespace KubeOps.Transpiler;

/// <summary>
/// Finds attributes by their class's full name: classes of a metadata context are not those of this program.
/// </summary>
internal static class Attributes
{
    /// <summary>The first attribute of exactly this class, or null.</summary>
    public static CustomAttributeData? Find(MemberInfo member, Type attributeType) =>
        All(member, attributeType).FirstOrDefault();

    /// <summary>Whether the member carries the attribute.</summary>
    public static bool Has(MemberInfo member, Type attributeType) => Find(member, attributeType) is not null;

    /// <summary>Every attribute of exactly this class, in order of declaration.</summary>
    public static IEnumerable<CustomAttributeData> All(MemberInfo member, Type attributeType) =>
        member.GetCustomAttributesData().Where(data => data.AttributeType.FullName == attributeType.FullName);

    /// <summary>Every attribute of this class or of one derived from it.</summary>
    public static IEnumerable<CustomAttributeData> AllDerived(MemberInfo member, Type attributeType) =>
        member.GetCustomAttributesData().Where(data => IsOrDerives(data.AttributeType, attributeType));

    /// <summary>The value of a constructor argument by the parameter's position; enums as their number.</summary>
    public static T? Argument<T>(this CustomAttributeData attribute, int position) =>
        attribute.ConstructorArguments[position].Value is T value ? value : default;

    /// <summary>The items of an array argument.</summary>
    public static IEnumerable<object?> Items(this CustomAttributeTypedArgument argument) =>
        argument.Value is IEnumerable<CustomAttributeTypedArgument> items ? items.Select(item => item.Value) : [];

    /// <summary>The value of a named argument, or the default.</summary>
    public static T? Named<T>(this CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value is T value
            ? value
            : default;

    private static bool IsOrDerives(Type? type, Type ancestor)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.FullName == ancestor.FullName)
            {
                return true;
            }
        }

        return false;
    }
}
