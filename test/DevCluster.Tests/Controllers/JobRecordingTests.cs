using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using Granary.TestSupport;

namespace Granary.DevCluster.Tests.Controllers;

/// <summary>
/// Jobs go through the states that a real Job controller was recorded with; no node runs, statuses of Pods are written
/// by hand.
/// </summary>
public sealed class JobRecordingTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private DevClusterHost _host = null!;
    private ResourceClient _rest = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await DevClusterHost.StartAsync(new DevClusterOptions(_folder.Path), Ct);
        _rest = new ResourceClient(_host.AdminClient);
        await _rest.PostAsync(
            "api/v1/namespaces",
            """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"vec"}}""",
            Ct
        );
        await Eventually.TrueAsync(
            "the service account",
            async () =>
                await _rest.FindAsync<PartialObject>(ResourceType.ServiceAccounts, "vec", "default", Ct) is not null,
            cancellationToken: Ct
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_job_that_succeeds()
    {
        await CreateAsync("win");
        var pod = await PodAsync("win");
        var recorded = Recorded.Steps("jobs").First(step => step!["object"] is not null)!["object"]!["metadata"]!;
        Assert.Equal(Recorded.Blotted(recorded), Recorded.Blotted(pod["metadata"]));
        await StatusAsync("win", 0);
        await EndPodAsync(pod, "Succeeded", 0);
        await StatusAsync("win", 1);
        await EventsAsync("win");
    }

    [Fact]
    public async Task A_job_that_fails_twice()
    {
        await CreateAsync("lose");
        var first = await PodAsync("lose");
        await EndPodAsync(first, "Failed", 1);
        await StatusAsync("lose", 0);
        await EndPodAsync(await PodAsync("lose", pod => (string?)pod["status"]?["phase"] == "Pending"), "Failed", 1);
        await StatusAsync("lose", 1);
        await EventsAsync("lose");
    }

    [Fact]
    public async Task A_job_past_its_deadline()
    {
        await CreateAsync("late");
        await StatusAsync("late", 0);
        Assert.Empty(await PodsAsync("late"));
        await EventsAsync("late");
    }

    [Fact]
    public async Task A_suspended_job_that_is_resumed()
    {
        await CreateAsync("susp");
        await StatusAsync("susp", 0);
        await _rest.MergePatchAsync(
            "apis/batch/v1/namespaces/vec/jobs/susp",
            JsonNode.Parse("""{"spec":{"suspend":false}}""")!,
            Ct
        );
        await StatusAsync("susp", 1);
        await EventsAsync("susp");
    }

    [Fact]
    public async Task A_job_whose_failure_policy_fails_it_at_once()
    {
        await CreateAsync("pfp");
        await EndPodAsync(await PodAsync("pfp"), "Failed", 42);
        await StatusAsync("pfp", 0);
        await EventsAsync("pfp");
    }

    [Fact]
    public async Task A_job_with_a_time_to_live()
    {
        await CreateAsync("ttl");
        await EndPodAsync(await PodAsync("ttl"), "Succeeded", 0);
        await Eventually.TrueAsync(
            "the job to go",
            async () => await _rest.FindAsync<PartialObject>(ResourceType.Jobs, "vec", "ttl", Ct) is null,
            cancellationToken: Ct
        );
        await Eventually.TrueAsync(
            "its pod to go",
            async () => (await PodsAsync("ttl")).Count == 0,
            cancellationToken: Ct
        );
        await EventsAsync("ttl");
    }

    [Fact]
    public async Task Deletion_without_a_policy_orphans_pods_and_in_the_background_takes_them_along()
    {
        await CreateAsync("win");
        await EndPodAsync(await PodAsync("win"), "Succeeded", 0);
        await StatusAsync("win", 1);
        await _rest.DeleteAsync("apis/batch/v1/namespaces/vec/jobs/win", null, null, Ct);
        await Eventually.TrueAsync(
            "the job to go",
            async () => await _rest.FindAsync<PartialObject>(ResourceType.Jobs, "vec", "win", Ct) is null,
            cancellationToken: Ct
        );
        var left = Assert.Single(await PodsAsync("win"));
        Assert.Null(left["metadata"]!["ownerReferences"]);
        Assert.Null(left["metadata"]!["finalizers"]);

        await CreateAsync("lose");
        await PodAsync("lose");
        await _rest.DeleteAsync("apis/batch/v1/namespaces/vec/jobs/lose", null, "Background", Ct);
        await Eventually.TrueAsync(
            "its pods to go",
            async () => (await PodsAsync("lose")).Count == 0,
            cancellationToken: Ct
        );
    }

    private Task CreateAsync(string name) =>
        _rest.PostAsync("apis/batch/v1/namespaces/vec/jobs", Recorded.Created("jobs", name).ToJsonString(), Ct);

    private async Task<IReadOnlyList<JsonObject>> PodsAsync(string job) =>
        [
            .. (await _rest.GetAsync($"api/v1/namespaces/vec/pods?labelSelector=job-name%3D{job}", Ct))["items"]!
                .AsArray()
                .Select(item => item!.AsObject()),
        ];

    private Task<JsonObject> PodAsync(string job, Func<JsonObject, bool>? wanted = null) =>
        Eventually.ValueAsync(
            $"a pod of {job}",
            async () => (await PodsAsync(job)).FirstOrDefault(wanted ?? (_ => true)),
            cancellationToken: Ct
        );

    private Task EndPodAsync(JsonObject pod, string phase, int code)
    {
        var status = JsonNode.Parse(
            $$$$"""
            {"status":{"phase":"{{{{phase}}}}","startTime":"2026-01-01T00:00:00Z",
             "containerStatuses":[{"name":"c","image":"i","imageID":"",
             "ready":false,"restartCount":0,"lastState":{},
             "state":{"terminated":{"exitCode":{{{{code}}}},"reason":"{{{{(
                code == 0 ? "Completed" : "Error"
            )}}}}",
             "startedAt":"2026-01-01T00:00:00Z","finishedAt":"2026-01-01T00:00:05Z"}}}]}}
            """
        )!;
        return _rest.MergePatchAsync(
            $"api/v1/namespaces/vec/pods/{(string)pod["metadata"]!["name"]!}/status",
            status,
            Ct
        );
    }

    // The status becomes what the real one was at the n-th look.
    private async Task StatusAsync(string job, int look)
    {
        var path = $"/apis/batch/v1/namespaces/vec/jobs/{job}";
        var expected = Recorded.Blotted(Recorded.Got("jobs", path, look)["status"]);
        var actual = "";
        try
        {
            await Eventually.TrueAsync(
                $"the status of {job}",
                async () => (actual = Recorded.Blotted((await _rest.GetAsync(path[1..], Ct))["status"])) == expected,
                cancellationToken: Ct
            );
        }
        catch (TimeoutException)
        {
            Assert.Equal(expected, actual);
        }
    }

    private async Task EventsAsync(string job)
    {
        var recorded = Events(Recorded.Got("jobs", "/api/v1/namespaces/vec/events?limit=20"), job);
        IReadOnlyList<string> actual = [];
        try
        {
            await Eventually.TrueAsync(
                "the events",
                async () =>
                    (actual = Events(await _rest.GetAsync("api/v1/namespaces/vec/events", Ct), job)).SequenceEqual(
                        recorded,
                        StringComparer.Ordinal
                    ),
                cancellationToken: Ct
            );
        }
        catch (TimeoutException)
        {
            Assert.Equal(recorded, actual);
        }
    }

    private static IReadOnlyList<string> Events(JsonObject list, string job) =>
        [
            .. list["items"]!
                .AsArray()
                .Where(item => (string?)item!["involvedObject"]!["name"] == job)
                .Select(item =>
                    Recorded.Blotted(
                        new JsonObject
                        {
                            ["type"] = item!["type"]!.DeepClone(),
                            ["reason"] = item["reason"]!.DeepClone(),
                            ["message"] = item["message"]!.DeepClone(),
                            ["count"] = item["count"]!.DeepClone(),
                            ["source"] = item["source"]!.DeepClone(),
                            ["reportingComponent"] = item["reportingComponent"]!.DeepClone(),
                        }
                    )
                )
                .Order(StringComparer.Ordinal),
        ];
}
