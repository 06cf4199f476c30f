namespace KubeOps.Abstractions.Entities;

/// <summary>The identity of a resource type.</summary>
/// <param name="Kind">Kind in Pascal case.</param>
/// <param name="Version">API version without the group.</param>
/// <param name="Group">API group; null or empty for the core group.</param>
/// <param name="Plural">Plural name; null derives it from the kind.</param>
public record EntityMetadata(string Kind, string Version, string? Group = null, string? Plural = null)
{
    /// <summary>Kind of the list.</summary>
    public string ListKind { get; } = Kind + "List";

    /// <summary>Kind in lower case.</summary>
    public string SingularName { get; } = Kind.ToLowerInvariant();

    /// <summary>Plural name in lower case, as it stands in URLs.</summary>
    public string PluralName { get; } = (Plural ?? Kind + "s").ToLowerInvariant();

    /// <summary><c>group/version</c>, or the version alone in the core group.</summary>
    public string GroupWithVersion { get; } = string.IsNullOrEmpty(Group) ? Version : $"{Group}/{Version}";
}
