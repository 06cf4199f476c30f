using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Granary.Operator.Cluster;

/// <summary>Tells whether a stored object still says what was asked for.</summary>
/// <remarks>
/// The API server fills in defaults, so the wanted document has to be contained in the stored one, not to equal it.
/// What was wanted before and is wanted no longer (a node selector that the user took out) cannot be seen that way: a
/// fingerprint of the last wish travels with the object, <see cref="FingerprintAnnotation"/>.
/// </remarks>
internal static class Drift
{
    /// <summary>SHA-256 (hex, first 16 bytes) of the specification that was last written.</summary>
    public const string FingerprintAnnotation = "stash.appscode.com/applied-hash";

    /// <summary>
    /// Whether each member of <paramref name="wanted"/> is in <paramref name="stored"/> with the same value.
    /// </summary>
    public static bool Contains(JsonNode? stored, JsonNode? wanted) =>
        (stored, wanted) switch
        {
            (_, null) => true,
            (JsonObject has, JsonObject asks) => asks.All(member => Contains(has[member.Key], member.Value)),
            (JsonArray has, JsonArray asks) => has.Count == asks.Count
                && has.Zip(asks).All(pair => Contains(pair.First, pair.Second)),
            (null, JsonObject { Count: 0 } or JsonArray { Count: 0 }) => true,
            (null, _) => false,
            _ => JsonNode.DeepEquals(stored, wanted) || SameQuantity(stored, wanted),
        };

    public static JsonObject Document(object value) =>
        (JsonObject)(
            JsonNode.Parse(KubernetesJson.Serialize(value))
            ?? throw new InvalidOperationException("an object serializes to null")
        );

    /// <summary>1000m and 1 are the same amount; the API server stores the canonical spelling.</summary>
    private static bool SameQuantity(JsonNode stored, JsonNode wanted)
    {
        if (
            Text(stored) is not { } has
            || Text(wanted) is not { } asks
            || !LooksLikeQuantity(has)
            || !LooksLikeQuantity(asks)
        )
        {
            return false;
        }

        try
        {
            return new ResourceQuantity(has).Equals(new ResourceQuantity(asks));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return false;
        }
    }

    private static string? Text(JsonNode node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static bool LooksLikeQuantity(string text) =>
        text.Length is > 0 and < 32 && (char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.');
}
