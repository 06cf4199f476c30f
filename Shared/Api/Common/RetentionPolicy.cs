using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Common;

/// <summary>Which snapshots are kept after a backup. A count of zero or none is no rule.</summary>
public sealed class RetentionPolicy
{
    /// <summary>Free text that names the policy.</summary>
    [Required]
    public string Name { get; set; } = string.Empty;

    /// <summary>Keeps the newest snapshots, this many.</summary>
    public long? KeepLast { get; set; }

    /// <summary>Keeps the newest snapshot of each of this many hours.</summary>
    public long? KeepHourly { get; set; }

    /// <summary>Keeps the newest snapshot of each of this many days.</summary>
    public long? KeepDaily { get; set; }

    /// <summary>Keeps the newest snapshot of each of this many weeks.</summary>
    public long? KeepWeekly { get; set; }

    /// <summary>Keeps the newest snapshot of each of this many months.</summary>
    public long? KeepMonthly { get; set; }

    /// <summary>Keeps the newest snapshot of each of this many years.</summary>
    public long? KeepYearly { get; set; }

    /// <summary>Keeps every snapshot that has one of these tags.</summary>
    public List<string>? KeepTags { get; set; }

    /// <summary>Whether data that no snapshot needs any more is removed from the repository.</summary>
    [Required]
    public bool Prune { get; set; }

    /// <summary>Whether the policy is only reported, and nothing removed.</summary>
    public bool DryRun { get; set; }
}
