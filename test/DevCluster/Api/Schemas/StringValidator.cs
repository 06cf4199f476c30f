using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;

namespace Granary.DevCluster.Api.Schemas;

/// <summary>Length, pattern and format of strings. The first rule that is broken is the one reported.</summary>
internal static class StringValidator
{
    public static void Check(JsonValue value, Schema schema, string path, List<FieldError> errors)
    {
        var text = value.GetValue<string>();
        var length = new StringInfo(text).LengthInTextElements;
        if (schema.MaxLength is { } most && length > most)
        {
            errors.Add(FieldError.TooLong(path, most));
        }
        else if (schema.MinLength is { } least && length < least)
        {
            errors.Add(FieldError.Invalid(path, text, $"{path} in body should be at least {least} chars long"));
        }
        else if (schema.Pattern is { } pattern && !pattern.IsMatch(text))
        {
            errors.Add(FieldError.Invalid(path, text, $"{path} in body should match '{pattern}'"));
        }

        if (schema.Format is { } format && !HasFormat(text, format))
        {
            errors.Add(
                FieldError.Invalid(path, text, $"{path} in body must be of type {format}: {FieldError.Show(text)}")
            );
        }
    }

    private static bool HasFormat(string text, string format) =>
        format switch
        {
            "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) && text.Contains('T'),
            "date" => DateOnly.TryParseExact(
                text,
                "yyyy-MM-dd",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out _
            ),
            "uuid" => Guid.TryParse(text, out _),
            "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
            "ipv4" or "ipv6" => IPAddress.TryParse(text, out _),
            "byte" => Convert.TryFromBase64String(text, new byte[Encoding.UTF8.GetByteCount(text)], out _),
            _ => true,
        };
}
