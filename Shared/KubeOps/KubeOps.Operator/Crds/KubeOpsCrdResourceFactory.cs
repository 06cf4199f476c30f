using k8s.Models;
using KubeOps.Abstractions.Crds;
using KubeOps.Transpiler;

namespace KubeOps.Operator.Crds;

/// <summary>Makes definitions from the classes of the running program.</summary>
public class KubeOpsCrdResourceFactory : ICrdResourceFactory
{
    /// <inheritdoc />
    /// <exception cref="KubeOps.Transpiler.Exceptions.TranspilationFailedException">
    /// A class has no valid schema.
    /// </exception>
    public IEnumerable<V1CustomResourceDefinition> CreateCustomResourceDefinitions(
        IReadOnlyCollection<Type> entityTypes
    )
    {
        using var context = ContextCreator.Create(entityTypes.Select(type => type.Assembly));
        return [.. entityTypes.Select(type => context.Transpile(type))];
    }
}
