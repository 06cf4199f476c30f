using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Common;

/// <summary>Names a Task and gives it parameters.</summary>
public sealed class TaskRef
{
    /// <summary>Name of the Task; empty means the one that the AppBinding names.</summary>
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string? Name { get; set; }

    /// <summary>Parameters for the Task.</summary>
    public List<Param>? Params { get; set; }
}

/// <summary>A named value for a Function.</summary>
public sealed class Param
{
    /// <summary>Name of the parameter.</summary>
    [Required]
    public string Name { get; set; } = string.Empty;

    /// <summary>Its value.</summary>
    [Required]
    public string Value { get; set; } = string.Empty;
}
