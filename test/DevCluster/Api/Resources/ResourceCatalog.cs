namespace Granary.DevCluster.Api.Resources;

/// <summary>
/// Every resource that is served right now: the built-in ones and those of CustomResourceDefinitions.
/// </summary>
internal sealed class ResourceCatalog
{
    private readonly Lock _gate = new();
    private readonly List<ResourceDefinition> _builtIn = BuiltInResources.All();
    private readonly SortedDictionary<string, IReadOnlyList<ResourceDefinition>> _custom = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<ResourceDefinition> _all;

    public ResourceCatalog() => _all = _builtIn;

    /// <summary>In discovery's order: built-in groups first, then custom ones by name.</summary>
    public IReadOnlyList<ResourceDefinition> All => _all;

    public ResourceDefinition? Find(string group, string version, string plural) =>
        _all.FirstOrDefault(r => r.Plural == plural && r.Group == group && r.Version == version);

    /// <summary>The preferred version of a resource, whatever its version.</summary>
    public ResourceDefinition? FindAny(string group, string plural) =>
        _all.FirstOrDefault(r => r.Plural == plural && r.Group == group);

    public ResourceDefinition BuiltIn(string plural, string group = "") =>
        _builtIn.First(r => r.Plural == plural && r.Group == group);

    /// <summary>Versions of a group, preferred first; empty when the group is not served.</summary>
    public IReadOnlyList<string> VersionsOf(string group) =>
        [
            .. _all.Where(r => r.Group == group)
                .Select(r => r.Version)
                .Distinct(StringComparer.Ordinal)
                .OrderByDescending(v => v, VersionOrder.Instance),
        ];

    /// <summary>Replaces what a CustomResourceDefinition serves; an empty list ends it.</summary>
    public void Serve(string definition, IReadOnlyList<ResourceDefinition> resources)
    {
        lock (_gate)
        {
            if (resources.Count == 0)
            {
                _custom.Remove(definition);
            }
            else
            {
                _custom[definition] = resources;
            }

            var custom = _custom
                .Values.SelectMany(r => r)
                .OrderBy(r => r.Group, StringComparer.Ordinal)
                .ThenByDescending(r => r.Version, VersionOrder.Instance)
                .ThenBy(r => r.Plural, StringComparer.Ordinal);
            _all = [.. _builtIn, .. custom];
        }
    }
}
