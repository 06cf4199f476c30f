using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Granary.DevCluster.Api.Schemas;

/// <summary>
/// What values a field may have. One shape for built-in types and for structural schemas of custom resources.
/// </summary>
internal sealed class Schema
{
    /// <summary>Anything goes.</summary>
    public static readonly Schema Anything = new() { PreserveUnknown = true };

    /// <summary>
    /// <c>object</c>, <c>array</c>, <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, or null for any.
    /// </summary>
    public string? Type { get; init; }

    public string? Format { get; init; }

    public string? Description { get; init; }

    /// <summary>Name of a built-in type, by which published documents refer to it.</summary>
    public string? TypeName { get; init; }

    /// <summary>Fields of an object; filled after construction because types may contain themselves.</summary>
    public Dictionary<string, Schema> Properties { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Required { get; init; } = [];

    public Schema? Items { get; init; }

    /// <summary>Values of a map.</summary>
    public Schema? AdditionalProperties { get; init; }

    public bool PreserveUnknown { get; init; }

    public bool IntOrString { get; init; }

    public bool Nullable { get; init; }

    /// <summary>The object has apiVersion, kind and metadata of its own.</summary>
    public bool EmbeddedResource { get; init; }

    public bool HasDefault { get; init; }

    public JsonNode? Default { get; init; }

    public JsonArray? Enum { get; init; }

    public Regex? Pattern { get; init; }

    public long? MinLength { get; init; }

    public long? MaxLength { get; init; }

    public JsonNode? Minimum { get; init; }

    public JsonNode? Maximum { get; init; }

    public bool ExclusiveMinimum { get; init; }

    public bool ExclusiveMaximum { get; init; }

    public JsonNode? MultipleOf { get; init; }

    public long? MinItems { get; init; }

    public long? MaxItems { get; init; }

    public bool UniqueItems { get; init; }

    public long? MinProperties { get; init; }

    public long? MaxProperties { get; init; }

    public IReadOnlyList<Schema> AllOf { get; init; } = [];

    public IReadOnlyList<Schema> AnyOf { get; init; } = [];

    public IReadOnlyList<Schema> OneOf { get; init; } = [];

    public Schema? Not { get; init; }

    /// <summary><c>atomic</c>, <c>set</c> or <c>map</c>.</summary>
    public string? ListType { get; init; }

    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary><c>atomic</c> or <c>granular</c>.</summary>
    public string? MapType { get; init; }

    /// <summary>Key by which strategic merge patch merges this list; <c>""</c> merges a list of plain values.</summary>
    public string? PatchMergeKey { get; init; }

    /// <summary>Strategic merge patch replaces the value of this object instead of merging it.</summary>
    public bool PatchRetainKeys { get; init; }

    public bool IsMap => AdditionalProperties is not null;

    /// <summary>Schema of a field, whether it is declared or the value of a map.</summary>
    public Schema? Field(string name) => Properties.GetValueOrDefault(name) ?? AdditionalProperties;
}
