using System.Text;
using System.Text.Json;

namespace Granary.DevCluster.Api.Json;

/// <summary>Says what is wrong with malformed JSON in the words that clients of the API server know.</summary>
internal static class JsonComplaint
{
    public static string Of(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read()) { }

            return "unexpected end of JSON input";
        }
        catch (JsonException)
        {
            return Describe(json, (int)reader.BytesConsumed);
        }
    }

    private static string Describe(ReadOnlySpan<byte> json, int consumed)
    {
        var at = consumed;
        var expectsKey = false;
        while (at < json.Length && (char.IsWhiteSpace((char)json[at]) || json[at] is (byte)',' or (byte)'{'))
        {
            expectsKey |= json[at] == (byte)'{';
            at++;
        }

        for (var before = Math.Min(at, json.Length) - 1; before >= 0 && !expectsKey; before--)
        {
            if (!char.IsWhiteSpace((char)json[before]))
            {
                expectsKey = json[before] == (byte)'{';
                break;
            }
        }

        if (at >= json.Length)
        {
            return "unexpected end of JSON input";
        }

        var shown = Encoding.UTF8.GetString(json.Slice(at, 1));
        var expected = expectsKey ? "object key string" : "value";
        return $"invalid character '{shown}' looking for beginning of {expected}";
    }
}
