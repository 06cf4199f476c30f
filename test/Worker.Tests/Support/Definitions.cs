using Granary.TestSupport;
using k8s;
using k8s.Models;

namespace Granary.Worker.Tests.Support;

/// <summary>The definitions that are installed with the operator.</summary>
internal static class Definitions
{
    public static IEnumerable<V1CustomResourceDefinition> All =>
        Directory
            .EnumerateFiles(Path.Combine(RepositoryRoot.Path, "config", "crd"), "*.yaml")
            .Order(StringComparer.Ordinal)
            .Select(file => KubernetesYaml.Deserialize<V1CustomResourceDefinition>(File.ReadAllText(file)));
}
