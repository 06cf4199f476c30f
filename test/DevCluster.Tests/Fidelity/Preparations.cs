using System.Text;
using System.Text.Json.Nodes;
using Granary.DevCluster.Controllers;
using Granary.TestSupport;

namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>What was done between the recorded steps, and is not recorded itself.</summary>
internal sealed class Preparations(ReplayClient client, LiveValues live, ControllerOptions options) : IAsyncDisposable
{
    private const string Things = "/apis/vec.example.com/v1/namespaces/vec/things";
    private const string ConfigMaps = "/api/v1/namespaces/vec/configmaps";

    /// <summary>Kubernetes waits 5 s; the recorded requests of that time may take longer on a busy machine.</summary>
    private static readonly TimeSpan TerminationGrace = TimeSpan.FromSeconds(15);

    private const string Json = "application/json";
    private const string Merge = "application/merge-patch+json";

    private readonly RecordedTenant _tenant = new(client);

    private RecordedWebhook? _webhook;
    private string? _workerToken;
    private JsonArray? _reviews;

    /// <summary>Makes the namespace, and the definitions that discovery lists.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        foreach (var definition in RecordedDefinitions.All())
        {
            await PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition, cancellationToken);
        }
    }

    public async Task BeforeAsync(string recording, int step, CancellationToken cancellationToken)
    {
        switch (recording, step)
        {
            case ("crud", 0):
                await PostAsync("/api/v1/namespaces", Named("v1", "Namespace", "vec"), cancellationToken);
                break;
            case ("crud", 17):
                for (var i = 0; i < 5; i++)
                {
                    var value = Named("v1", "ConfigMap", $"l{i}");
                    value["metadata"]!["labels"] = new JsonObject { ["n"] = $"{i % 2}" };
                    await PostAsync(ConfigMaps, value, cancellationToken);
                }

                break;
            case ("finalizers-and-gc", 8):
                await OwnerAndChildAsync("background", cancellationToken);
                break;
            case ("finalizers-and-gc", 11):
                await OwnerAndChildAsync("foreground", cancellationToken);
                break;
            case ("finalizers-and-gc", 14):
                await OwnerAndChildAsync("orphan", cancellationToken);
                break;
            case ("finalizers-and-gc", 19):
                await PostAsync("/api/v1/namespaces", Named("v1", "Namespace", "vec2"), cancellationToken);
                var held = Thing("held");
                held["metadata"]!["finalizers"] = new JsonArray("vec.example.com/a");
                await PostAsync("/apis/vec.example.com/v1/namespaces/vec2/things", held, cancellationToken);
                break;
            case ("finalizers-and-gc", 22):
                await PatchAsync(
                    "/apis/vec.example.com/v1/namespaces/vec2/things/held",
                    """{"metadata":{"finalizers":null}}""",
                    cancellationToken
                );
                break;
            case ("identity-and-rbac", 5 or 11):
                client.Token = _workerToken;
                break;
            case ("identity-and-rbac", 9 or 16):
                client.Token = null;
                break;
            case ("identity-and-rbac", 17):
                client.Token = "nonsense";
                break;
            case ("identity-and-rbac", 18):
                client.Token = string.Empty;
                break;
            case ("access-reviews", 0):
                await _tenant.BeginAsync(cancellationToken);
                break;
            case ("access-reviews", 8):
                client.Token = await _tenant.TokenAsync(cancellationToken);
                break;
            case ("access-reviews", 11):
                client.Token = null;
                break;
            case ("pod-security", 0):
                await SecuredNamespaceAsync("restricted", "restricted", cancellationToken);
                await SecuredNamespaceAsync("warned", null, cancellationToken);
                break;
            case ("termination", 0):
                options.NamespaceGrace = TerminationGrace;
                await PostAsync("/api/v1/namespaces", Named("v1", "Namespace", "going"), cancellationToken);
                var kept = Named("v1", "ConfigMap", "held");
                kept["metadata"]!["finalizers"] = new JsonArray("example.com/hold");
                await PostAsync("/api/v1/namespaces/going/configmaps", kept, cancellationToken);
                await PostAsync(
                    "/api/v1/namespaces/going/configmaps",
                    Named("v1", "ConfigMap", "free"),
                    cancellationToken
                );
                break;
            case ("admission", 0):
                client.Token = null;
                _webhook = await RecordedWebhook.StartAsync();
                break;
            case ("admission", 1 or 6):
                await LimitWebhookAsync(RecordedWebhook.PatientSeconds, cancellationToken);
                break;
            case ("admission", 5):
                await LimitWebhookAsync(RecordedWebhook.RecordedSeconds, cancellationToken);
                break;
            case ("admission", 11):
                await LimitWebhookAsync(RecordedWebhook.RecordedSeconds, cancellationToken);
                _reviews = _webhook!.Reviews;
                await _webhook.DisposeAsync();
                break;
            case ("admission", 12):
                await PatchAsync(
                    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/vec",
                    """[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]""",
                    cancellationToken,
                    "application/json-patch+json"
                );
                break;
            default:
                break;
        }
    }

    /// <summary>What happened while a watch was open.</summary>
    public async Task DuringAsync(string recording, int step, CancellationToken cancellationToken)
    {
        if (recording != "watch" || step != 0)
        {
            return;
        }

        var value = Thing("w1");
        value["metadata"]!["labels"] = new JsonObject { ["in"] = "1" };
        await PostAsync(Things, value, cancellationToken);
        await PatchAsync($"{Things}/w1", """{"spec":{"n":5}}""", cancellationToken);
        await PatchAsync($"{Things}/w1", """{"metadata":{"labels":null}}""", cancellationToken);
        await PatchAsync($"{Things}/w1", """{"metadata":{"labels":{"in":"1"}}}""", cancellationToken);
        await client.SendAsync("DELETE", $"{Things}/w1", null, null, Json, cancellationToken);
    }

    public void After(string recording, int step, ReplayAnswer answer)
    {
        if (recording == "identity-and-rbac" && step == 3)
        {
            _workerToken = answer.Body!["status"]!["token"]!.GetValue<string>();
        }
    }

    /// <summary>The body of a request, with what cannot be recorded put in.</summary>
    public JsonNode? Body(string recording, int step, JsonNode? body)
    {
        switch (recording, step)
        {
            case ("identity-and-rbac", 16):
                body!["spec"]!["token"] = _workerToken;
                break;
            case ("admission", 0):
                var config = body!["webhooks"]![0]!["clientConfig"]!;
                config["url"] = $"https://127.0.0.1:{_webhook!.Port}/validate";
                config["caBundle"] = _webhook.Authority;
                break;
            default:
                break;
        }

        return body;
    }

    /// <summary>What this run has where the recording has an object.</summary>
    public JsonNode? Object(string recording, int step) =>
        (recording, step) switch
        {
            ("identity-and-rbac", 4) => Claims(),
            ("admission", 10) => _webhook!.Reviews,
            _ => null,
        };

    /// <summary>Steps whose answer the controllers bring about.</summary>
    public static bool WaitsForControllers(string recording, int step) =>
        (recording, step) switch
        {
            ("finalizers-and-gc", >= 9) => true,
            ("pods-and-leases", 7 or 8) => true,
            ("pod-security", 6 or 7) => true,
            ("termination", 8) => true,
            _ => false,
        };

    /// <summary>The controller goes on trying, a recording ends: what came later is cut off.</summary>
    public static void Cut(string recording, int step, ReplayAnswer answer)
    {
        const int recorded = 2;
        if ((recording, step) is ("pod-security", 6) && answer.Body?["items"] is JsonArray { Count: > recorded } items)
        {
            answer.Body["items"] = new JsonArray([.. items.Take(recorded).Select(i => i!.DeepClone())]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_webhook is not null && _reviews is null)
        {
            await _webhook.DisposeAsync();
        }
    }

    /// <param name="enforced">The level that is enforced and warned of; null warns of the baseline only.</param>
    private Task SecuredNamespaceAsync(string name, string? enforced, CancellationToken cancellationToken)
    {
        const string prefix = "pod-security.kubernetes.io/";
        var value = Named("v1", "Namespace", name);
        value["metadata"]!["labels"] = enforced is null
            ? new JsonObject { [prefix + "warn"] = "baseline" }
            : new JsonObject { [prefix + "enforce"] = enforced };
        return PostAsync("/api/v1/namespaces", value, cancellationToken);
    }

    private JsonNode? Claims()
    {
        var part = _workerToken!.Split('.')[1].Replace('-', '+').Replace('_', '/');
        return JsonNode.Parse(Convert.FromBase64String(part + new string('=', (4 - (part.Length % 4)) % 4)));
    }

    private async Task OwnerAndChildAsync(string policy, CancellationToken cancellationToken)
    {
        var owner = await PostAsync(Things, Thing($"own-{policy}"), cancellationToken);
        var child = Named("v1", "ConfigMap", $"child-{policy}");
        child["metadata"]!["ownerReferences"] = new JsonArray(
            new JsonObject
            {
                ["apiVersion"] = "vec.example.com/v1",
                ["kind"] = "Thing",
                ["name"] = $"own-{policy}",
                ["uid"] = owner.Body!["metadata"]!["uid"]!.GetValue<string>(),
                ["blockOwnerDeletion"] = true,
            }
        );
        await PostAsync(ConfigMaps, child, cancellationToken);

        // The collector does what it knows of: of a dependent that it hears of after its owner has gone it knows that
        // no owner is left.
        var latest = Named("v1", "ConfigMap", "latest");
        latest["metadata"]!["ownerReferences"] = new JsonArray(
            new JsonObject
            {
                ["apiVersion"] = "vec.example.com/v1",
                ["kind"] = "Thing",
                ["name"] = "nobody",
                ["uid"] = "11111111-2222-3333-4444-555555555555",
            }
        );
        await PostAsync(ConfigMaps, latest, cancellationToken);
        await Eventually.TrueAsync(
            "what comes after it to be collected",
            async () =>
                (await client.SendAsync("GET", $"{ConfigMaps}/latest", null, null, Json, cancellationToken)).Status
                == 404,
            cancellationToken: cancellationToken
        );
    }

    private Task LimitWebhookAsync(int seconds, CancellationToken cancellationToken) =>
        PatchAsync(
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/vec",
            $$"""[{"op":"replace","path":"/webhooks/0/timeoutSeconds","value":{{seconds}}}]""",
            cancellationToken,
            "application/json-patch+json"
        );

    private async Task<ReplayAnswer> PostAsync(string path, JsonNode body, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync("POST", path, body, Json, Json, cancellationToken);
        Assert.True(answer.Status == 201, $"POST {path}: {answer.Body}");
        return answer;
    }

    private async Task PatchAsync(
        string path,
        string patch,
        CancellationToken cancellationToken,
        string contentType = Merge
    )
    {
        var answer = await client.SendAsync("PATCH", path, JsonNode.Parse(patch), contentType, Json, cancellationToken);
        Assert.True(answer.Status == 200, $"PATCH {path}: {answer.Body} ({live.ToRecorded(path)})");
    }

    private static JsonObject Thing(string name)
    {
        var value = Named("vec.example.com/v1", "Thing", name);
        value["spec"] = new JsonObject { ["name"] = "abc" };
        return value;
    }

    private static JsonObject Named(string apiVersion, string kind, string name) =>
        new()
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name },
        };
}
