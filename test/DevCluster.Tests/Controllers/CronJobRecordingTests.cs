using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using Granary.TestSupport;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace Granary.DevCluster.Tests.Controllers;

/// <summary>CronJobs on a simulated clock, compared with two recorded slots of a real one.</summary>
public sealed class CronJobRecordingTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();

    // Behind the machine's clock by more than a slot, so that nothing passes that reads the machine's; and at no whole
    // minute, where a watch's timer of 60 s would ring with a slot.
    private readonly AlarmClock _time = new(MinuteOf(DateTimeOffset.UtcNow) - TimeSpan.FromSeconds(100));
    private DevClusterHost _host = null!;
    private ResourceClient _rest = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await DevClusterHost.StartAsync(new DevClusterOptions(_folder.Path) { Time = _time }, Ct);
        _rest = new ResourceClient(_host.AdminClient);
        await _rest.PostAsync(
            "api/v1/namespaces",
            """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"vec"}}""",
            Ct
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_slot_makes_a_job_and_the_history_is_trimmed()
    {
        await CreateAsync(Recorded.Created("cronjobs", "tick"));
        var first = await NextJobAsync([]);
        var recorded = Recorded.Steps("cronjobs").First(step => (string?)step!["note"] == "slot 1: the Job")![
            "object"
        ]!;
        var slot = DateTime
            .Parse((string)first["metadata"]!["annotations"]!["batch.kubernetes.io/cronjob-scheduled-timestamp"]!)
            .ToUniversalTime();
        Assert.Equal(
            $"tick-{(slot - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMinute}",
            (string?)first["metadata"]!["name"]
        );
        Assert.Equal(Anonymous(recorded["metadata"]!), Anonymous(first["metadata"]!));
        await StatusAsync(0);
        await EndAsync(first);
        await StatusAsync(1);
        var second = await NextJobAsync([Name(first)]);
        await StatusAsync(2);
        await EndAsync(second);
        await StatusAsync(3);
        await Eventually.TrueAsync(
            "one job to be left",
            async () => (await JobsAsync()) is [var only] && Name(only) == Name(second),
            cancellationToken: Ct
        );
        await Eventually.TrueAsync(
            "the events",
            async () =>
                (await EventsAsync()) is var events
                && events.Contains("Normal SuccessfulCreate Created job " + Name(first))
                && events.Contains($"Normal SawCompletedJob Saw completed job: {Name(first)}, condition: Complete")
                && events.Contains("Normal SuccessfulDelete Deleted job " + Name(first)),
            cancellationToken: Ct
        );
    }

    [Fact]
    public async Task Forbid_skips_slots_while_a_job_runs()
    {
        await CreateAsync(Recorded.Created("cronjobs", "tick"));
        var first = await NextJobAsync([]);
        await PassSlotAsync();
        await Eventually.TrueAsync(
            "the skip to be told",
            async () =>
                (await EventsAsync()).Contains(
                    "Normal JobAlreadyActive Not starting job because prior execution is running and concurrency "
                        + "policy is Forbid"
                ),
            cancellationToken: Ct
        );
        Assert.Equal(Name(first), Name(Assert.Single(await JobsAsync())));
    }

    [Fact]
    public async Task Replace_deletes_the_running_job()
    {
        var cron = Recorded.Created("cronjobs", "tick");
        cron["spec"]!["concurrencyPolicy"] = "Replace";
        await CreateAsync(cron);
        var first = await NextJobAsync([]);
        await NextJobAsync([Name(first)]);
        await Eventually.TrueAsync(
            "the first to go",
            async () => (await JobsAsync()).All(job => Name(job) != Name(first)),
            cancellationToken: Ct
        );
    }

    [Fact]
    public async Task A_late_slot_within_its_deadline_is_made_up_when_a_cron_job_goes_on()
    {
        var cron = Recorded.Created("cronjobs", "tick");
        cron["spec"]!["suspend"] = true;
        cron["spec"]!["startingDeadlineSeconds"] = 3600;
        await CreateAsync(cron);

        _time.Advance(TimeSpan.FromMinutes(9));
        await _rest.MergePatchAsync(Path, JsonNode.Parse("""{"spec":{"suspend":false}}""")!, Ct);

        var job = await Eventually.ValueAsync(
            "the last slot to be made up",
            async () => (await JobsAsync()).SingleOrDefault(),
            cancellationToken: Ct
        );
        var minute = _time.GetUtcNow().Ticks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute;
        Assert.Equal($"tick-{(minute - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMinute}", Name(job));
    }

    private static DateTimeOffset MinuteOf(DateTimeOffset time) =>
        time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMinute));

    private const string Path = "apis/batch/v1/namespaces/vec/cronjobs/tick";

    private static string Name(JsonObject job) => (string)job["metadata"]!["name"]!;

    private static string Anonymous(JsonNode metadata)
    {
        var copy = metadata.DeepClone().AsObject();
        copy["name"] = "tick-N";
        return Recorded.Blotted(copy);
    }

    private Task CreateAsync(JsonObject cron) =>
        _rest.PostAsync("apis/batch/v1/namespaces/vec/cronjobs", cron.ToJsonString(), Ct);

    private async Task<IReadOnlyList<JsonObject>> JobsAsync() =>
        [
            .. (await _rest.GetAsync("apis/batch/v1/namespaces/vec/jobs", Ct))["items"]!
                .AsArray()
                .Select(item => item!.AsObject()),
        ];

    private async Task<JsonObject> NextJobAsync(IReadOnlyList<string> known)
    {
        await PassSlotAsync();
        return await Eventually.ValueAsync(
            "the next job",
            async () => (await JobsAsync()).FirstOrDefault(job => !known.Contains(Name(job))),
            cancellationToken: Ct
        );
    }

    // To the next slot and no further, or more would come due than the test means; and when the controller waits for
    // it: a wait that begins after the clock moved would last a slot longer.
    private async Task PassSlotAsync()
    {
        var now = _time.GetUtcNow();
        var slot = now.AddTicks(TimeSpan.TicksPerMinute - (now.Ticks % TimeSpan.TicksPerMinute));
        await Eventually.TrueAsync(
            "the controller to wait for the slot",
            () => Task.FromResult(_time.RingsAt(slot)),
            cancellationToken: Ct
        );
        _time.Advance(slot - now + TimeSpan.FromSeconds(1));
    }

    private async Task EndAsync(JsonObject job)
    {
        var pod = await Eventually.ValueAsync(
            "the pod",
            async () =>
                (await _rest.GetAsync($"api/v1/namespaces/vec/pods?labelSelector=job-name%3D{Name(job)}", Ct))["items"]!
                    .AsArray()
                    .FirstOrDefault(),
            cancellationToken: Ct
        );
        await _rest.MergePatchAsync(
            $"api/v1/namespaces/vec/pods/{(string)pod["metadata"]!["name"]!}/status",
            JsonNode.Parse("""{"status":{"phase":"Succeeded"}}""")!,
            Ct
        );
        await Eventually.TrueAsync(
            "the job to be complete",
            async () =>
                (await _rest.GetAsync<V1Job>(ResourceType.Jobs.Path("vec", Name(job)), Ct)).Status?.Conditions?.Any(c =>
                    c.Type == "Complete"
                ) == true,
            cancellationToken: Ct
        );
    }

    private async Task StatusAsync(int look)
    {
        static string Numberless(JsonNode? status) =>
            System.Text.RegularExpressions.Regex.Replace(
                Recorded.Blotted(status),
                @"tick-\d+",
                "tick-N",
                System.Text.RegularExpressions.RegexOptions.None,
                TimeSpan.FromSeconds(1)
            );
        var expected = Numberless(Recorded.Got("cronjobs", "/" + Path, look)["status"]);
        var actual = "";
        try
        {
            await Eventually.TrueAsync(
                "the status",
                async () => (actual = Numberless((await _rest.GetAsync(Path, Ct))["status"])) == expected,
                cancellationToken: Ct
            );
        }
        catch (TimeoutException)
        {
            Assert.Equal(expected, actual);
        }
    }

    private async Task<IReadOnlyList<string>> EventsAsync() =>
        [
            .. (await _rest.GetAsync("api/v1/namespaces/vec/events", Ct))["items"]!
                .AsArray()
                .Where(item => (string?)item!["involvedObject"]!["name"] == "tick")
                .Select(item => $"{item!["type"]} {item["reason"]} {item["message"]}"),
        ];

    /// <summary>A clock that tells for which moments somebody waits.</summary>
    private sealed class AlarmClock(DateTimeOffset now) : FakeTimeProvider(now)
    {
        private readonly ConcurrentQueue<DateTimeOffset> _alarms = new();

        public bool RingsAt(DateTimeOffset moment) =>
            _alarms.Any(alarm => alarm >= moment && alarm < moment.AddMilliseconds(50));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _alarms.Enqueue(GetUtcNow() + dueTime);
            return timer;
        }
    }
}
