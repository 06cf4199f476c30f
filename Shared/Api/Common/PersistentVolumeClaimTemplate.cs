using k8s.Models;

namespace Granary.Api.Common;

/// <summary>A PersistentVolumeClaim to be made.</summary>
public sealed class PersistentVolumeClaimTemplate
{
    /// <summary>API version of the claim; informational.</summary>
    public string? ApiVersion { get; set; }

    /// <summary>Kind of the claim; informational.</summary>
    public string? Kind { get; set; }

    /// <summary>Metadata of the claim.</summary>
    public TemplateMetadata? Metadata { get; set; }

    /// <summary>The claim itself.</summary>
    public V1PersistentVolumeClaimSpec? Spec { get; set; }

    /// <summary>Accepted because templates are often copied from claims; not used.</summary>
    public V1PersistentVolumeClaimStatus? Status { get; set; }
}

/// <summary>The part of an object's metadata that a template may carry.</summary>
/// <remarks>
/// An own class, because a schema made from <see cref="V1ObjectMeta"/> is a bare object whose labels and annotations
/// the API server would drop.
/// </remarks>
public sealed class TemplateMetadata
{
    /// <summary>Name of the object.</summary>
    public string? Name { get; set; }

    /// <summary>Start of a generated name.</summary>
    public string? GenerateName { get; set; }

    /// <summary>Namespace of the object.</summary>
    public string? Namespace { get; set; }

    /// <summary>Labels of the object.</summary>
    public Dictionary<string, string>? Labels { get; set; }

    /// <summary>Annotations of the object.</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>Owners of the object.</summary>
    public List<V1OwnerReference>? OwnerReferences { get; set; }
}
