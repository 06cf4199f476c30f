using Granary.Api.Names;
using k8s.Models;

namespace Granary.Operator.Jobs;

/// <summary>Who a container is, as the architecture note promises it to every one.</summary>
internal static class DownwardApi
{
    public static IList<V1EnvVar> Variables() =>
        [
            Field(PodNames.PodNameVariable, "metadata.name"),
            Field(PodNames.PodNamespaceVariable, "metadata.namespace"),
            Field(PodNames.PodUidVariable, "metadata.uid"),
        ];

    private static V1EnvVar Field(string name, string path) =>
        new()
        {
            Name = name,
            ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = path } },
        };
}
