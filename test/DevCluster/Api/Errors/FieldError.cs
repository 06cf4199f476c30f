using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Errors;

/// <summary>What is wrong with one field, in the words of the API server.</summary>
internal sealed record FieldError(string Reason, string Field, string Message)
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static FieldError Required(string field, string detail = "") =>
        new("FieldValueRequired", field, detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    public static FieldError Invalid(string field, JsonNode? value, string detail) =>
        new("FieldValueInvalid", field, $"Invalid value: {Show(value)}: {detail}");

    public static FieldError TypeInvalid(string field, string found, string detail) =>
        new("FieldValueTypeInvalid", field, $"Invalid value: \"{found}\": {detail}");

    public static FieldError Duplicate(string field, JsonNode? value) =>
        new("FieldValueDuplicate", field, $"Duplicate value: {Show(value)}");

    public static FieldError Forbidden(string field, string detail) =>
        new("FieldValueForbidden", field, $"Forbidden: {detail}");

    public static FieldError NotSupported(string field, JsonNode? value, IEnumerable<string> supported) =>
        new(
            "FieldValueNotSupported",
            field,
            $"Unsupported value: {Show(value)}: supported values: "
                + string.Join(", ", supported.Select(each => $"\"{each}\""))
        );

    public static FieldError TooMany(string field, int actual, long most) =>
        new("FieldValueTooMany", field, $"Too many: {actual}: must have at most {most} items");

    public static FieldError TooLong(string field, long most) =>
        new("FieldValueTooLong", field, $"Too long: may not be more than {most} bytes");

    public override string ToString() => Field.Length == 0 ? Message : $"{Field}: {Message}";

    public static string Show(JsonNode? value) => value is null ? "null" : value.ToJsonString(Plain);
}
