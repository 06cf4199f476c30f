using System.Text.Json;
using Granary.Engine.Ids;

namespace Granary.Engine.Records.Json;

/// <summary>
/// A small JSON object read leniently: unknown members are ignored, missing ones and <c>null</c> are zero.
/// </summary>
/// <remarks>Source: repository format §4.1.</remarks>
internal readonly struct JsonFields
{
    private readonly JsonElement _object;

    private JsonFields(JsonElement element) =>
        _object =
            element.ValueKind == JsonValueKind.Object ? element : throw new JsonException("An object is expected.");

    public static JsonFields Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return new JsonFields(document.RootElement.Clone());
    }

    public JsonFields? Object(string name) => Get(name) is { } value ? new JsonFields(value) : null;

    public string Text(string name) =>
        Get(name) is not { } value ? ""
        : value.ValueKind == JsonValueKind.String ? value.GetString()! // A string's value is never null.
        : throw Wrong(name);

    public bool Boolean(string name) =>
        Get(name) is { } value
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name));

    public long Number(string name) =>
        Get(name) is not { } value ? 0
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
        : throw Wrong(name);

    public IReadOnlyList<string> Texts(string name) =>
        Get(name) is not { } value ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => item.GetString() ?? "")]
        : throw Wrong(name);

    public byte[] Base64(string name) =>
        Get(name) is not { } value ? []
        : value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes) ? bytes
        : throw Wrong(name);

    public Sha256Id? Id(string name) =>
        Text(name) is var text && text.Length == 0 ? null
        : Sha256Id.TryParse(text, out var id) ? id
        : throw Wrong(name);

    private JsonElement? Get(string name) =>
        _object.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    /// <summary>The exception for a member that is not of its kind.</summary>
    public static JsonException Wrong(string name) => new($"The member '{name}' is not of its kind.");
}
