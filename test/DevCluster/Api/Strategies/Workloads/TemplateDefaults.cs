using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies.Workloads;

/// <summary>Defaults of a pod template.</summary>
internal static class TemplateDefaults
{
    public static void Apply(JsonObject template)
    {
        template.Child("metadata");
        PodDefaults.ApplyToSpec(template.Child("spec"));
    }
}
