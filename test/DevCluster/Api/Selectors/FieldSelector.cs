using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;

namespace Granary.DevCluster.Api.Selectors;

/// <summary>A selection by fields, e.g. <c>metadata.name=a,status.phase!=Running</c>.</summary>
internal sealed class FieldSelector
{
    public static readonly FieldSelector Everything = new([]);

    private readonly IReadOnlyList<(string Field, bool Not, string Value)> _terms;

    private FieldSelector(IReadOnlyList<(string Field, bool Not, string Value)> terms) => _terms = terms;

    /// <summary>The name that the selector pins, when it does.</summary>
    public string? Name =>
        _terms
            .Where(t => !t.Not && string.Equals(t.Field, "metadata.name", StringComparison.Ordinal))
            .Select(t => t.Value)
            .FirstOrDefault();

    /// <exception cref="ApiStatusException">400: not a selector, or a field that cannot be selected by.</exception>
    public static FieldSelector Parse(string? text, ResourceDefinition resource)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Everything;
        }

        var terms = new List<(string, bool, string)>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                throw ApiErrors.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            }

            var not = part[at - 1] == '!';
            var field = part[..(not ? at - 1 : at)].Trim();
            var value = part[(at + 1)..].TrimStart('=').Trim();
            Check(field, resource);
            terms.Add((field, not, value));
        }

        return new FieldSelector(terms);
    }

    public bool Matches(JsonObject value)
    {
        foreach (var (field, not, wanted) in _terms)
        {
            var node = value.At(field.Split('.'));
            var found = node.Kind() switch
            {
                JsonValueKind.String => node!.GetValue<string>(),
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                JsonValueKind.Number => node!.ToJsonString(),
                _ => DefaultOf(field),
            };
            if (string.Equals(found, wanted, StringComparison.Ordinal) == not)
            {
                return false;
            }
        }

        return true;
    }

    private static string DefaultOf(string field) =>
        field is "spec.unschedulable" or "spec.hostNetwork" ? "false"
        : field is "status.successful" ? "0"
        : string.Empty;

    private static void Check(string field, ResourceDefinition resource)
    {
        if (
            field is "metadata.name" or "metadata.namespace"
            || resource.SelectableFields.Contains(field, StringComparer.Ordinal)
        )
        {
            return;
        }

        // The field-label functions of the various kinds word their refusal differently.
        throw ApiErrors.BadRequest(
            resource.IsCustom || resource.SelectableFields.Count > 0
                ? $"field label not supported: {field}"
                : $"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
        );
    }
}
