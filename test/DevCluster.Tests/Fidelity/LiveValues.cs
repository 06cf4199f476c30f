using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>
/// Which value of this run stands where a value of the recording stood: versions, uids, generated names, continue
/// tokens. Learnt from answers, used in the requests that follow.
/// </summary>
internal sealed class LiveValues
{
    private static readonly string[] Learnt = ["resourceVersion", "uid", "continue"];
    private readonly Dictionary<string, string> _live = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>Sets what a recorded value is in this run, e.g. a port.</summary>
    public void Set(string recorded, string live) => _live[recorded] = live;

    public string? Find(string recorded) => _live.GetValueOrDefault(recorded);

    public void Learn(JsonNode? recorded, JsonNode? live)
    {
        switch (recorded, live)
        {
            case (JsonObject expected, JsonObject actual):
                LearnGeneratedName(expected, actual);
                foreach (var (name, value) in expected)
                {
                    if (
                        Learnt.Contains(name, StringComparer.Ordinal)
                        && value?.GetValueKind() == JsonValueKind.String
                        && actual[name]?.GetValueKind() == JsonValueKind.String
                    )
                    {
                        _live[value.GetValue<string>()] = actual[name]!.GetValue<string>();
                    }

                    Learn(value, actual[name]);
                }

                break;
            case (JsonArray expected, JsonArray actual):
                foreach (var (first, second) in expected.Zip(actual))
                {
                    Learn(first, second);
                }

                break;
            default:
                break;
        }
    }

    public string ToLive(string path)
    {
        var result = path;
        foreach (var (recorded, live) in _live.Concat(_names))
        {
            foreach (var prefix in (string[])["continue=", "resourceVersion=", "/"])
            {
                result = Swap(result, prefix + Uri.EscapeDataString(recorded), prefix + Uri.EscapeDataString(live));
            }
        }

        return result;
    }

    public JsonNode? ToLive(JsonNode? body)
    {
        switch (body)
        {
            case JsonObject o:
                var result = new JsonObject();
                foreach (var (name, value) in o)
                {
                    result[name] =
                        Learnt.Contains(name, StringComparer.Ordinal)
                        && value?.GetValueKind() == JsonValueKind.String
                        && _live.TryGetValue(value.GetValue<string>(), out var live)
                            ? live
                            : ToLive(value);
                }

                return result;
            case JsonArray array:
                return new JsonArray([.. array.Select(ToLive)]);
            default:
                return body?.DeepClone();
        }
    }

    /// <summary>Puts recorded values where live ones stand in a text.</summary>
    public string ToRecorded(string text)
    {
        foreach (var (recorded, live) in _live.Concat(_names).Where(p => p.Value.Length >= 5))
        {
            text = text.Replace(live, recorded, StringComparison.Ordinal);
        }

        return text;
    }

    private void LearnGeneratedName(JsonObject expected, JsonObject actual)
    {
        if (
            expected["generateName"] is not null
            && expected["name"]?.GetValue<string>() is { } recorded
            && actual["name"]?.GetValue<string>() is { } live
        )
        {
            _names[recorded] = live;
        }
    }

    private static string Swap(string text, string from, string to)
    {
        var at = text.IndexOf(from, StringComparison.Ordinal);
        var end = at + from.Length;
        return at < 0 || (end < text.Length && char.IsLetterOrDigit(text[end]))
            ? text
            : string.Concat(text.AsSpan(0, at), to, text.AsSpan(end));
    }
}
