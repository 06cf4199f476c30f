using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Granary.Manifests;

/// <summary>
/// JSON as block-style YAML. Text is plain where no YAML reader could take it for anything else, and quoted otherwise.
/// </summary>
internal static partial class YamlText
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Words that YAML 1.1 readers take for booleans or nothing.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "null",
    };

    /// <summary>The documents, separated by <c>---</c>.</summary>
    public static string Of(IEnumerable<JsonNode> documents)
    {
        var text = new StringBuilder();
        foreach (var document in documents)
        {
            if (text.Length > 0)
            {
                text.Append("---\n");
            }

            WriteBlock(text, document, indent: 0);
        }

        return text.ToString();
    }

    private static void WriteBlock(StringBuilder text, JsonNode node, int indent)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                text.Append(' ', indent).Append("- ");
                if (item is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
                {
                    // The first line of the nested block stands right behind the dash.
                    var start = text.Length;
                    WriteBlock(text, item, indent + 2);
                    text.Remove(start, indent + 2);
                }
                else
                {
                    text.Append(Inline(item)).Append('\n');
                }
            }

            return;
        }

        foreach (var (key, value) in node.AsObject())
        {
            text.Append(' ', indent).Append(Scalar(key)).Append(':');
            if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
            {
                text.Append('\n');
                WriteBlock(text, value, indent + 2);
            }
            else
            {
                text.Append(' ').Append(Inline(value)).Append('\n');
            }
        }
    }

    private static string Inline(JsonNode? node) =>
        node switch
        {
            null => "null",
            JsonObject => "{}",
            JsonArray => "[]",
            JsonValue value when value.GetValueKind() is JsonValueKind.String => Scalar(value.GetValue<string>()),
            _ => node.ToJsonString(),
        };

    private static string Scalar(string text) =>
        Plain().IsMatch(text) && !text.EndsWith(':') && !Reserved.Contains(text)
            ? text
            : JsonSerializer.Serialize(text, Readable);

    /// <summary>
    /// Starts with a letter, a slash or dashes of a flag; no space, so neither ": " nor " #" can occur.
    /// </summary>
    [GeneratedRegex(@"^(?:--)?[A-Za-z/][A-Za-z0-9_./:=,(){}$<>+^*~-]*$", RegexOptions.NonBacktracking)]
    private static partial Regex Plain();
}
