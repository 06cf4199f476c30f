using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Common;

/// <summary>Names a Repository, possibly in another namespace.</summary>
public sealed class ObjectReference
{
    /// <summary>Namespace of the object; the referring object's namespace when absent.</summary>
    [Pattern(DnsName.LabelPattern), Length(maxLength: DnsName.MaxLabel)]
    public string? Namespace { get; set; }

    /// <summary>Name of the object.</summary>
    [Required]
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string Name { get; set; } = string.Empty;
}

/// <summary>Names an object of any kind.</summary>
public sealed class TypedObjectReference
{
    /// <summary>API group of the object.</summary>
    public string? ApiGroup { get; set; }

    /// <summary>Kind of the object.</summary>
    [Pattern(DnsName.KindPattern), Length(maxLength: DnsName.MaxLabel)]
    public string? Kind { get; set; }

    /// <summary>Namespace of the object; the referring object's namespace when absent.</summary>
    [Pattern(DnsName.LabelPattern), Length(maxLength: DnsName.MaxLabel)]
    public string? Namespace { get; set; }

    /// <summary>Name of the object.</summary>
    [Required]
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string Name { get; set; } = string.Empty;
}

/// <summary>Names what is backed up or restored into: an AppBinding, or a workload.</summary>
public sealed class TargetRef
{
    /// <summary>API version of the target, such as <c>appcatalog.appscode.com/v1alpha1</c>.</summary>
    public string? ApiVersion { get; set; }

    /// <summary>Kind of the target, such as <c>AppBinding</c>.</summary>
    [Pattern(DnsName.KindPattern), Length(maxLength: DnsName.MaxLabel)]
    public string? Kind { get; set; }

    /// <summary>Name of the target.</summary>
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string? Name { get; set; }

    /// <summary>Namespace of the target; the referring object's namespace when absent.</summary>
    [Pattern(DnsName.LabelPattern), Length(maxLength: DnsName.MaxLabel)]
    public string? Namespace { get; set; }

    /// <summary>
    /// Whether both name the same object once a missing namespace means <paramref name="ownNamespace"/>.
    /// </summary>
    public bool IsSameAs(TargetRef? other, string? ownNamespace) =>
        other is not null
        && (ApiVersion ?? "") == (other.ApiVersion ?? "")
        && (Kind ?? "") == (other.Kind ?? "")
        && (Name ?? "") == (other.Name ?? "")
        && NamespaceOr(ownNamespace) == other.NamespaceOr(ownNamespace);

    /// <summary>The target's namespace, or <paramref name="ownNamespace"/> when none is given.</summary>
    public string NamespaceOr(string? ownNamespace) => string.IsNullOrEmpty(Namespace) ? ownNamespace ?? "" : Namespace;
}
