using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>
/// Takes out of an answer what varies from run to run: uids, times, versions, generated suffixes, tokens.
/// </summary>
internal static partial class Normalizer
{
    public static JsonNode? Normalize(JsonNode? node, string field = "")
    {
        switch (node)
        {
            case JsonObject o:
                var result = new JsonObject();
                foreach (var (name, value) in o)
                {
                    if (name is "managedFields")
                    {
                        continue;
                    }

                    result[name] = Normalize(value, name);
                }

                return result;
            case JsonArray array:
                return new JsonArray([.. array.Select(a => Normalize(a, field == "cells" ? "cell" : string.Empty))]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return Text(value.GetValue<string>(), field);
            case JsonValue when field is "exp" or "iat" or "nbf":
                return "<seconds>";
            default:
                return node?.DeepClone();
        }
    }

    private static string Text(string text, string field)
    {
        if (field is "resourceVersion" or "uid" or "jti" && text.Length > 0)
        {
            return $"<{field}>";
        }

        if (field is "continue" && text.Length > 0)
        {
            return "<continue>";
        }

        if (field == "cell" && Age().IsMatch(text))
        {
            return "<age>";
        }

        text = Uuid().Replace(text, "<uid>");
        text = Time().Replace(text, "<time>");
        text = Token().Replace(text, "<token>");
        text = Pem().Replace(text, "<certificate>");
        text = Certificate().Replace(text, "<certificate>");
        text = Volume().Replace(text, "kube-api-access-<suffix>");
        text = ClusterIp().Replace(text, "<cluster-ip>");
        text = Address().Replace(text, "127.0.0.1:<port>");
        text = EventName().Replace(text, "j.<time>");
        text = JobPod().Replace(text, "\"j-<suffix>\"");
        return Generated().Replace(text, "${prefix}<suffix>");
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Time();

    [GeneratedRegex(@"eyJ[\w.…-]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();

    [GeneratedRegex("-----BEGIN CERTIFICATE-----.*-----END CERTIFICATE-----\n?", RegexOptions.Singleline, 1000)]
    private static partial Regex Pem();

    [GeneratedRegex("^LS0tLS1CRUdJTi[A-Za-z0-9+/=]+$", RegexOptions.None, 1000)]
    private static partial Regex Certificate();

    [GeneratedRegex("kube-api-access-[a-z0-9]{5}", RegexOptions.None, 1000)]
    private static partial Regex Volume();

    [GeneratedRegex(@"^10\.96\.\d+\.\d+$", RegexOptions.None, 1000)]
    private static partial Regex ClusterIp();

    [GeneratedRegex(@"127\.0\.0\.1:\d+", RegexOptions.None, 1000)]
    private static partial Regex Address();

    [GeneratedRegex("^(?<prefix>gen-|e-)[a-z0-9]{5}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Generated();

    [GeneratedRegex(@"^j\.[0-9a-f]{16}$", RegexOptions.None, 1000)]
    private static partial Regex EventName();

    [GeneratedRegex("\"j-[a-z0-9]{5}\"", RegexOptions.None, 1000)]
    private static partial Regex JobPod();

    [GeneratedRegex(@"^(\d+[smhdy])+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Age();
}
