using System.Reflection;

namespace KubeOps.Transpiler;

/// <summary>Whether a resource has the status sub-resource.</summary>
internal static class Status
{
    /// <summary>Whether the class has a public instance property named status, in any case.</summary>
    public static bool Is(Type entity) =>
        entity
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Any(property => property.Name.Equals("status", StringComparison.OrdinalIgnoreCase));
}
