namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Adds the scale sub-resource.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ScaleSubresourceAttribute(
    string specReplicasPath,
    string statusReplicasPath,
    string? labelSelectorPath = null
) : Attribute
{
    /// <summary>JSON path of the wished count.</summary>
    public string SpecReplicasPath { get; } = specReplicasPath;

    /// <summary>JSON path of the observed count.</summary>
    public string StatusReplicasPath { get; } = statusReplicasPath;

    /// <summary>JSON path of the selector in text form.</summary>
    public string? LabelSelectorPath { get; } = labelSelectorPath;
}
