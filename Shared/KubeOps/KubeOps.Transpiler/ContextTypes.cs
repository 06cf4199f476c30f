using System.Reflection;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler;

/// <summary>Finds a metadata context's view of a type.</summary>
internal static class ContextTypes
{
    /// <summary>The type itself when it belongs to a context already, else the context's type of that name.</summary>
    /// <exception cref="TranspilationFailedException">The context cannot find the type's assembly.</exception>
    public static Type View(this MetadataLoadContext context, Type type)
    {
        if (type.Assembly.ReflectionOnly)
        {
            return type;
        }

        var assembly = Load(context, type.Assembly);
        return assembly.GetType(type.FullName!, throwOnError: false)
            ?? throw new TranspilationFailedException($"The metadata context does not know the type {type}.");
    }

    private static Assembly Load(MetadataLoadContext context, Assembly assembly)
    {
        try
        {
            return context.LoadFromAssemblyName(assembly.GetName());
        }
        catch (FileNotFoundException e) when (assembly.Location.Length == 0)
        {
            throw new TranspilationFailedException(
                $"The metadata context does not know the assembly {assembly.GetName().Name}.",
                e
            );
        }
        catch (FileNotFoundException)
        {
            return context.LoadFromAssemblyPath(assembly.Location);
        }
    }
}
