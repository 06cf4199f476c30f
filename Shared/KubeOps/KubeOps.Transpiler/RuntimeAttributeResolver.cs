using System.Reflection;

namespace KubeOps.Transpiler;

/// <summary>Makes the attribute by running its constructor in this program.</summary>
internal sealed class RuntimeAttributeResolver : IInheritedAttributeResolver
{
    /// <inheritdoc />
    public Attribute? Resolve(CustomAttributeData attribute)
    {
        var type = attribute.AttributeType;
        var assembly = AppDomain
            .CurrentDomain.GetAssemblies()
            .FirstOrDefault(loaded => loaded.GetName().Name == type.Assembly.GetName().Name)
            ?? (File.Exists(type.Assembly.Location) ? Assembly.LoadFrom(type.Assembly.Location) : null);
        return assembly?.GetType(type.FullName!) is { } own && own.GetConstructor(Type.EmptyTypes) is not null
            ? Activator.CreateInstance(own) as Attribute
            : null;
    }
}
