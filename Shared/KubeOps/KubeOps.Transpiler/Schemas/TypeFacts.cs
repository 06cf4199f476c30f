using System.Reflection;

namespace KubeOps.Transpiler.Schemas;

/// <summary>
/// Questions about types that also classes of a metadata context can answer: by name, never by identity.
/// </summary>
internal static class TypeFacts
{
    private const string KubernetesModels = "k8s.Models.";

    /// <summary>The full name, without type arguments.</summary>
    public static string PlainName(this Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName ?? type.Name;

    /// <summary>The T of <c>Nullable&lt;T&gt;</c>, or null.</summary>
    public static Type? NullableOf(this Type type) =>
        type.IsGenericType && type.PlainName() == "System.Nullable`1" ? type.GetGenericArguments()[0] : null;

    /// <summary>The value type of a dictionary or of a sequence of pairs, or null.</summary>
    public static Type? DictionaryValue(this Type type)
    {
        foreach (var contract in type.SelfAndInterfaces().Where(i => i.IsGenericType))
        {
            var arguments = contract.GetGenericArguments();
            switch (contract.PlainName())
            {
                case "System.Collections.Generic.IDictionary`2":
                    return arguments[1];
                case "System.Collections.Generic.IEnumerable`1"
                    when arguments[0].PlainName() == "System.Collections.Generic.KeyValuePair`2":
                    return arguments[0].GetGenericArguments()[1];
                default:
                    break;
            }
        }

        return null;
    }

    /// <summary>The item type of an array or sequence, or null.</summary>
    public static Type? ItemOf(this Type type) =>
        type.IsArray
            ? type.GetElementType()
            : type.SelfAndInterfaces()
                .FirstOrDefault(i => i.IsGenericType && i.PlainName() == "System.Collections.Generic.IEnumerable`1")
                ?.GetGenericArguments()[0];

    /// <summary>Whether the type is or implements the interface.</summary>
    public static bool IsOrImplements(this Type type, string interfaceName) =>
        type.SelfAndInterfaces().Any(i => i.PlainName() == interfaceName);

    /// <summary>Whether the class belongs to the Kubernetes client.</summary>
    public static bool IsKubernetesModel(this Type type) =>
        type.FullName?.StartsWith(KubernetesModels, StringComparison.Ordinal) == true
        && type.Assembly.GetName().Name?.StartsWith("KubernetesClient", StringComparison.Ordinal) == true;

    /// <summary>
    /// Public properties, static and inherited ones too, in order of declaration; the most derived of each name.
    /// </summary>
    public static IReadOnlyList<PropertyInfo> PublicProperties(this Type type)
    {
        const BindingFlags Flags =
            BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var found = new List<PropertyInfo>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var level in type.SelfAndParents())
        {
            found.AddRange(
                level
                    .GetProperties(Flags)
                    .Where(property => property.GetIndexParameters().Length == 0 && names.Add(property.Name))
            );
        }

        return found;
    }

    private static IEnumerable<Type> SelfAndInterfaces(this Type type) => [type, .. type.GetInterfaces()];

    /// <summary>The class, its bases (without object), or an interface and what it extends.</summary>
    private static IEnumerable<Type> SelfAndParents(this Type type)
    {
        if (type.IsInterface)
        {
            return type.SelfAndInterfaces();
        }

        var levels = new List<Type>();
        for (var level = type; level is not null && level.FullName != "System.Object"; level = level.BaseType)
        {
            levels.Add(level);
        }

        return levels;
    }
}
