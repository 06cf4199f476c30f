using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Common;

/// <summary>One observation about an object. The room Names lists the types and the reasons.</summary>
public sealed class Condition
{
    /// <summary>What was observed, such as <c>RepositoryFound</c>; unique in its list.</summary>
    [Required]
    public string Type { get; set; } = string.Empty;

    /// <summary>True, False or Unknown.</summary>
    [Required]
    [EnumValues(ConditionStatus.True, ConditionStatus.False, ConditionStatus.Unknown)]
    public string Status { get; set; } = string.Empty;

    /// <summary>When the condition last changed.</summary>
    [Required]
    public DateTimeOffset LastTransitionTime { get; set; }

    /// <summary>The object's generation that was observed.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>How grave a condition that is not True is; empty means Error.</summary>
    [EnumValues("", "Error", "Warning", "Info")]
    public string? Severity { get; set; }

    /// <summary>One word in CamelCase: why the condition has its status.</summary>
    public string? Reason { get; set; }

    /// <summary>The same for a human reader.</summary>
    public string? Message { get; set; }
}

/// <summary>The three values of <see cref="Condition.Status"/>.</summary>
public static class ConditionStatus
{
    public const string True = "True";
    public const string False = "False";
    public const string Unknown = "Unknown";
}

/// <summary>A status that carries conditions.</summary>
public interface IHasConditions
{
    /// <summary>The conditions, at most one of each type.</summary>
    List<Condition> Conditions { get; set; }
}
