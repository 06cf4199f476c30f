using System.Diagnostics;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api;
using Granary.DevCluster.Controllers;

namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>
/// Puts every recorded request to one server, in the order of the recording, and notes where the answers differ. The
/// controllers run beside it, as they did then; no scheduler did.
/// </summary>
public sealed class Replay : IAsyncLifetime
{
    /// <summary>How long an answer that the controllers bring about may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly IReadOnlyList<KnownDifference> _known = KnownDifferences.Load();
    private readonly List<Difference> _differences = [];
    private readonly LiveValues _live = new();
    private ApiServer _server = null!;
    private ReplayClient _client = null!;
    private Preparations _preparations = null!;

    /// <summary>Recordings in the order in which they were made.</summary>
    internal static readonly string[] Recordings =
    [
        "discovery",
        "crud",
        "custom-resources",
        "watch",
        "finalizers-and-gc",
        "jobs",
        "cronjobs",
        "identity-and-rbac",
        "admission",
        "pods-and-leases",
        "access-reviews",
        "pod-security",
        "termination",
    ];

    internal IReadOnlyList<Difference> Differences => _differences;

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        _server = await ApiServer.StartAsync(new ApiServerOptions(), cancellationToken);
        using var admin = _server.CreateAdminClient();
        var options = new ControllerOptions { Schedules = false, NamespaceGrace = TimeSpan.Zero };
        await using var controllers = await ControllerHost.StartAsync(admin, options, cancellationToken);
        _client = new ReplayClient(_server);
        _preparations = new Preparations(_client, _live, options);
        await _preparations.BeginAsync(cancellationToken);
        foreach (var name in Recordings)
        {
            var recording = Recording.Load(name);
            foreach (var step in recording.Steps.Where(s => IsApiStep(name, s)))
            {
                await _preparations.BeforeAsync(name, step.Index, cancellationToken);
                await ReplayAsync(recording, step, cancellationToken);
            }
        }

        await _preparations.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>
    /// What jobs and cron jobs become is the controllers' part; here it is what the API makes of requests.
    /// </summary>
    private static bool IsApiStep(string recording, RecordedStep step) =>
        recording is not ("jobs" or "cronjobs") || (step.Request is not null && step.Method is "POST");

    private async Task ReplayAsync(Recording recording, RecordedStep step, CancellationToken cancellationToken)
    {
        if (step.Watch is { } watch)
        {
            var events = await _client.WatchAsync(
                LongEnough(_live.ToLive(watch["path"]!.GetValue<string>()), step.Index == 0 ? 20 : 8),
                () => _preparations.DuringAsync(recording.Name, step.Index, cancellationToken),
                cancellationToken
            );
            Note(recording, step, "events", watch["events"], events);
            return;
        }

        if (step.Object is { } wanted)
        {
            Note(recording, step, "object", wanted, _preparations.Object(recording.Name, step.Index));
            return;
        }

        if (step.Request is null)
        {
            var bare = await _client.SendAsync("GET", "/api/v1/namespaces", null, null, null, cancellationToken);
            Note(recording, step, "status", step.Status, bare.Status);
            Note(recording, step, "body", step.Body, bare.Body);
            return;
        }

        var answer = await AskAsync(recording, step, cancellationToken);
        _live.Learn(step.Body, answer.Body);
        _preparations.After(recording.Name, step.Index, answer);
        Note(recording, step, "status", step.Status, answer.Status);
        if (step.Response!["headers"] is { } headers)
        {
            Note(recording, step, "headers", Comparable(headers), answer.Headers);
        }

        Note(recording, step, "body", step.Body, answer.Body);
    }

    private async Task<ReplayAnswer> AskAsync(
        Recording recording,
        RecordedStep step,
        CancellationToken cancellationToken
    )
    {
        var headers = step.Request!["headers"];
        var started = Stopwatch.StartNew();
        while (true)
        {
            var answer = await _client.SendAsync(
                step.Method,
                _live.ToLive(step.Path),
                _preparations.Body(recording.Name, step.Index, _live.ToLive(step.Request["body"])),
                headers?["Content-Type"]?.GetValue<string>(),
                headers?["Accept"]?.GetValue<string>(),
                cancellationToken,
                headers?["Impersonate-User"]?.GetValue<string>()
            );
            Preparations.Cut(recording.Name, step.Index, answer);
            if (
                step.Method != "GET"
                || !Preparations.WaitsForControllers(recording.Name, step.Index)
                || started.Elapsed > Patience
                || IsSame(recording, step, answer)
            )
            {
                return answer;
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>A recorded stream ended after 3 s; on a busy machine the requests beside it may take longer.</summary>
    private static string LongEnough(string path, int seconds) =>
        path.Replace("timeoutSeconds=3", $"timeoutSeconds={seconds}", StringComparison.Ordinal);

    /// <summary>Controllers have done their part when nothing differs but what is listed as different.</summary>
    private bool IsSame(Recording recording, RecordedStep step, ReplayAnswer answer) =>
        step.Status == answer.Status
        && Comparison
            .Differences(Normalizer.Normalize(step.Body, "body"), Normalizer.Normalize(answer.Body, "body"), "body")
            .All(field =>
                _known.Any(known => known.Covers(new Difference(recording.Name, step.Index.ToString(), field, "", "")))
            );

    private static JsonNode Comparable(JsonNode headers)
    {
        var copy = headers.DeepClone();
        if (copy["content-type"]?.GetValue<string>() is { } type)
        {
            copy["content-type"] = type.Replace("; ", ";", StringComparison.Ordinal);
        }

        return copy;
    }

    private void Note(Recording recording, RecordedStep step, string part, JsonNode? expected, JsonNode? actual)
    {
        var left = Normalizer.Normalize(expected, part);
        var right = Normalizer.Normalize(actual, part);
        foreach (var field in Comparison.Differences(left, right, part))
        {
            _differences.Add(
                new Difference(
                    recording.Name,
                    step.Index.ToString(),
                    field,
                    Show(left, field, part),
                    Show(right, field, part)
                )
            );
        }
    }

    private static string Show(JsonNode? node, string field, string part)
    {
        var path = field[part.Length..].TrimStart('.');
        foreach (var name in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (node is not JsonObject o || !o.TryGetPropertyValue(name, out node))
            {
                break;
            }
        }

        var text = node?.ToJsonString() ?? "nothing";
        return text.Length > 500 ? text[..500] + "…" : text;
    }
}
