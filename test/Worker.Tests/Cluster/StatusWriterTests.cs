using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Engine;
using Granary.Worker.Cluster;
using Granary.Worker.Reporting;
using Granary.Worker.Tests.Support;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Worker.Tests.Cluster;

public sealed class StatusWriterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writers_at_the_same_time_lose_nothing_of_each_other()
    {
        await using var worker = await WorkerHarness.StartAsync();
        await worker.CreateSessionAsync("s", "db");

        await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .Select(i =>
                    StatusWriter.UpdateAsync<BackupSession>(
                        worker.Cluster,
                        WorkerHarness.Namespace,
                        "s",
                        session =>
                        {
                            session.Status.Conditions.Set(
                                $"Condition{i}",
                                true,
                                "Reason",
                                "",
                                DateTimeOffset.UnixEpoch
                            );
                            return new Dictionary<string, object?> { ["conditions"] = session.Status.Conditions };
                        },
                        Token
                    )
                )
        );

        var written = await worker.ReadAsync<BackupSession>("s");
        Assert.Equal(6, written.Status.Conditions.Count);
        Assert.Equal(SessionPhase.Running, written.Status.Phase); // a member that the patch does not name stays
    }

    [Fact]
    public async Task No_change_is_no_write()
    {
        await using var worker = await WorkerHarness.StartAsync();
        await worker.CreateSessionAsync("s", "db");
        var before = await worker.ReadAsync<BackupSession>("s");

        await StatusWriter.UpdateAsync<BackupSession>(worker.Cluster, WorkerHarness.Namespace, "s", _ => null, Token);

        Assert.Equal(
            before.Metadata.ResourceVersion,
            (await worker.ReadAsync<BackupSession>("s")).Metadata.ResourceVersion
        );
    }

    [Theory]
    [InlineData("AppBinding", "x/v1", "db", "demo", true)] // D24: documents give AppBindings any API version
    [InlineData("AppBinding", null, "db", null, true)] // a missing namespace is the session's
    [InlineData("AppBinding", null, "db", "other", false)]
    [InlineData("AppBinding", null, "other", "demo", false)]
    [InlineData("Deployment", null, "db", "demo", false)]
    public void Targets_are_compared_after_defaulting(
        string kind,
        string? apiVersion,
        string name,
        string? @namespace,
        bool expected
    ) =>
        Assert.Equal(
            expected,
            TargetRefs.Match(
                new()
                {
                    Kind = kind,
                    ApiVersion = apiVersion,
                    Name = name,
                    Namespace = @namespace,
                },
                WorkerHarness.Target("db"),
                "demo"
            )
        );

    [Fact]
    public async Task The_owner_of_a_lock_is_gone_only_when_this_cluster_says_so()
    {
        await using var worker = await WorkerHarness.StartAsync();
        var alive = await worker.Kubernetes.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = "alive" },
                Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "i" }] },
            },
            WorkerHarness.Namespace,
            cancellationToken: Token
        );
        var liveness = new PodLiveness(worker.Cluster, "granary@cluster-1", NullLogger.Instance);

        async Task<bool> IsGoneAsync(string? pod, string? uid, string user = "granary@cluster-1") =>
            await liveness.IsOwnerGoneAsync(
                new LockHolder("1", "host", user, 1, DateTimeOffset.UnixEpoch, true, pod, uid),
                Token
            );

        Assert.False(await IsGoneAsync("demo/alive", alive.Metadata.Uid));
        Assert.True(await IsGoneAsync("demo/alive", "uid-of-its-predecessor"));
        Assert.True(await IsGoneAsync("demo/dead", "uid"));
        Assert.False(await IsGoneAsync("demo/dead", "uid", "granary@cluster-2")); // alive over there, for all we know
        Assert.False(await IsGoneAsync("demo/dead", "uid", "root")); // restic itself, by hand
        Assert.False(await IsGoneAsync(null, null));
    }
}
