using System.Text.Json.Nodes;
using Granary.TestSupport;

namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>What a real control plane was asked and answered: one file of <c>test/Fixtures/Kubernetes</c>.</summary>
internal sealed record Recording(string Name, IReadOnlyList<RecordedStep> Steps)
{
    public static Recording Load(string name)
    {
        var path = Path.Combine(RepositoryRoot.Path, "test", "Fixtures", "Kubernetes", name + ".json");
        var steps = JsonNode.Parse(File.ReadAllText(path))!["steps"]!.AsArray();
        return new Recording(name, [.. steps.Select((s, i) => new RecordedStep(i, s!.AsObject()))]);
    }
}

/// <summary>One step: a request with its answer, a watch with its events, or an object to compare with.</summary>
internal sealed class RecordedStep(int index, JsonObject step)
{
    public int Index => index;

    public string Note => step["note"]?.GetValue<string>() ?? string.Empty;

    public JsonObject? Request => step["request"] as JsonObject;

    public JsonObject? Response => step["response"] as JsonObject;

    public JsonObject? Watch => step["watch"] as JsonObject;

    public JsonNode? Object => step["object"];

    public string Method => Request!["method"]!.GetValue<string>();

    public string Path => Request!["path"]!.GetValue<string>();

    public int Status => Response!["status"]!.GetValue<int>();

    public JsonNode? Body => Response!["body"];
}
