using System.Reflection;
using k8s.Models;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler;

/// <summary>Makes custom resource definitions from entity classes.</summary>
public static class Crds
{
    /// <summary>The definition of one class.</summary>
    public static V1CustomResourceDefinition Transpile(this MetadataLoadContext context, Type type) =>
        throw new TranspilationFailedException($"{type} cannot be transpiled yet.");
}
