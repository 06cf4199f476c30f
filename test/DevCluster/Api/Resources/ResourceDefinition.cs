using Granary.DevCluster.Api.Schemas;
using Granary.DevCluster.Api.Strategies;

namespace Granary.DevCluster.Api.Resources;

/// <summary>
/// One resource of one group version: how it is named, what may be done with it, and what its objects are.
/// </summary>
internal sealed record ResourceDefinition
{
    public static readonly string[] AllVerbs =
    [
        "create",
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "update",
        "watch",
    ];

    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Plural { get; init; }

    public required string Singular { get; init; }

    public required string Kind { get; init; }

    public string ListKind => _listKind ?? Kind + "List";

    public string? ListKindOverride
    {
        init => _listKind = value;
    }

    public required bool Namespaced { get; init; }

    public IReadOnlyList<string> Verbs { get; init; } = AllVerbs;

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public IReadOnlyList<SubresourceDefinition> Subresources { get; init; } = [];

    public required Schema Schema { get; init; }

    public required ResourceStrategy Strategy { get; init; }

    /// <summary>Fields, besides name and namespace, that field selectors may name.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>Set for resources that a CustomResourceDefinition made.</summary>
    public CustomResource? Custom { get; init; }

    /// <summary>Set when objects are kept in another form than that of this version.</summary>
    public IConversion? Conversion { get; init; }

    /// <summary>Objects of several group versions live in one table, e.g. the two kinds of Event.</summary>
    public string StorageKey => _storageKey ?? QualifiedName;

    public string? StorageKeyOverride
    {
        init => _storageKey = value;
    }

    private readonly string? _listKind;
    private readonly string? _storageKey;

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Plural with group, e.g. <c>jobs.batch</c>.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public bool IsCustom => Custom is not null;

    public SubresourceDefinition? Subresource(string name) =>
        Subresources.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.Ordinal));
}

/// <summary>A part of an object with a path of its own.</summary>
/// <param name="Name">Last step of the path, e.g. <c>status</c>.</param>
/// <param name="Verbs">What may be done with it.</param>
/// <param name="Kind">Kind of its body; null when that is the parent's.</param>
/// <param name="Group">Group of that kind, when it is another than the parent's.</param>
/// <param name="Version">Version of that kind.</param>
internal sealed record SubresourceDefinition(
    string Name,
    IReadOnlyList<string> Verbs,
    string? Kind = null,
    string? Group = null,
    string? Version = null
);
