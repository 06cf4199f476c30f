using Granary.DevCluster.Nodes;
using Granary.DevCluster.Nodes.Images;
using Granary.TestSupport;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Tests.NodeAgent;

/// <summary>An agent on its own: joining, leaving, coming back.</summary>
public sealed class NodeAgentStopTests
{
    private static readonly ImageMap Images = new(
        new Dictionary<string, ImageEntry> { ["shell"] = new() { Command = ["/bin/sh", "-c"] } }
    );

    // Another run of these tests on this machine has another one.
    private static readonly string Long = $"{Random.Shared.Next(1_000_000, int.MaxValue)}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stopping_leaves_no_process_no_directory_and_no_node()
    {
        using var folder = new TempDirectory();
        await using var cluster = await DevClusterHost.StartAsync(new DevClusterOptions(folder["cluster"]), Ct);
        await using (var agent = await StartAsync(cluster, folder["node"]))
        {
            await CreatePodAsync(cluster, "p", $"sleep {Long}");
            await RunningAsync(cluster, "p");
            await Eventually.TrueAsync(
                "the process to be there",
                () => Task.FromResult(ProcessesWith(Long) == 1),
                cancellationToken: Ct
            );
        }

        Assert.Equal(0, ProcessesWith(Long));
        Assert.Empty(
            Directory
                .EnumerateFileSystemEntries(folder["node"])
                .Where(entry => !entry.EndsWith("/claims", StringComparison.Ordinal))
        );
        Assert.Empty((await cluster.AdminClient.CoreV1.ListNodeAsync(cancellationToken: Ct)).Items);
    }

    [Fact]
    public async Task A_new_agent_restarts_what_the_former_one_ran_and_fails_what_must_not_restart()
    {
        using var folder = new TempDirectory();
        await using var cluster = await DevClusterHost.StartAsync(new DevClusterOptions(folder["cluster"]), Ct);
        await using (var former = await StartAsync(cluster, folder["node"]))
        {
            await CreatePodAsync(cluster, "service", "sleep 600");
            await CreatePodAsync(cluster, "once", "sleep 600", "Never");
            await RunningAsync(cluster, "service");
            await RunningAsync(cluster, "once");
        }

        await using var agent = await StartAsync(cluster, folder["node"]);
        var once = await PodAsync(cluster, "once", pod => pod.Status.Phase == "Failed");
        Assert.Equal(
            (137, "ContainerStatusUnknown"),
            (
                once.Status.ContainerStatuses[0].State.Terminated.ExitCode,
                once.Status.ContainerStatuses[0].State.Terminated.Reason
            )
        );
        var service = await PodAsync(cluster, "service", pod =>
            pod.Status.ContainerStatuses[0].RestartCount == 1
            && pod.Status.ContainerStatuses[0].State.Running is not null
        );
        Assert.Equal("Running", service.Status.Phase);
    }

    private static Task<Nodes.NodeAgent> StartAsync(DevClusterHost cluster, string root) =>
        Nodes.NodeAgent.StartAsync(cluster.AdminClient, new NodeAgentOptions("worker", Images, root), Ct);

    private static Task CreatePodAsync(
        DevClusterHost cluster,
        string name,
        string script,
        string restartPolicy = "Always"
    ) =>
        cluster.AdminClient.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = name },
                Spec = new V1PodSpec
                {
                    RestartPolicy = restartPolicy,
                    TerminationGracePeriodSeconds = 1,
                    Containers =
                    [
                        new V1Container
                        {
                            Name = "c",
                            Image = "shell",
                            Args = [script],
                        },
                    ],
                },
            },
            "default",
            cancellationToken: Ct
        );

    private static Task<V1Pod> RunningAsync(DevClusterHost cluster, string name) =>
        PodAsync(cluster, name, pod => pod.Status?.ContainerStatuses?[0].State?.Running is not null);

    private static Task<V1Pod> PodAsync(DevClusterHost cluster, string name, Func<V1Pod, bool> wanted) =>
        Eventually.ValueAsync(
            $"pod {name}",
            async () =>
                await cluster.AdminClient.CoreV1.ReadNamespacedPodAsync(name, "default", cancellationToken: Ct)
                    is var pod
                && wanted(pod)
                    ? pod
                    : null,
            cancellationToken: Ct
        );

    private static int ProcessesWith(string text) =>
        Directory
            .EnumerateDirectories("/proc")
            .Count(directory =>
            {
                try
                {
                    return File.ReadAllText(Path.Combine(directory, "cmdline"))
                        .Split('\0')
                        .Contains(text, StringComparer.Ordinal);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    return false;
                }
            });
}
