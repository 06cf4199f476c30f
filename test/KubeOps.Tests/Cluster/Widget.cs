using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace KubeOps.Tests.Cluster;

[KubernetesEntity(Group = "kubeops.test", ApiVersion = "v1", Kind = "Widget", PluralName = "widgets")]
public partial class Widget : CustomKubernetesEntity<WidgetSpec, WidgetStatus>
{
    public static Widget Named(string name, string @namespace, string? color = null) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = @namespace },
            Spec = new WidgetSpec { Color = color },
        };
}

[PreserveUnknownFields]
public sealed class WidgetSpec
{
    public string? Color { get; set; }

    public string Size { get; set; } = "medium";
}

public sealed class WidgetStatus
{
    public string? Phase { get; set; }
}
