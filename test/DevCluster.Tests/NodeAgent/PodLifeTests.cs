using System.Diagnostics;
using Granary.DevCluster.Machinery;
using Granary.TestSupport;

namespace Granary.DevCluster.Tests.NodeAgent;

/// <summary>Pods from creation to their end.</summary>
public sealed class PodLifeTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    [Fact]
    public async Task Init_containers_run_one_after_the_other_before_the_containers()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: Never
              volumes: [{ name: shared, emptyDir: {} }]
              initContainers:
              - { name: first, image: shell, args: ["sleep 0.3; echo first >> /stash-tmp/order"],
                  volumeMounts: [{ name: shared, mountPath: /stash-tmp }] }
              - { name: second, image: shell, args: ["echo second >> /stash-tmp/order"],
                  volumeMounts: [{ name: shared, mountPath: /stash-tmp }] }
              containers:
              - { name: main, image: shell, args: ["cat /stash-tmp/order; echo main"], volumeMounts: [{ name: shared,
                  mountPath: /stash-tmp }] }
            """
        );
        var pod = await cluster.EndedAsync(ns, "p");
        Assert.Equal("Succeeded", pod.Status.Phase);
        Assert.Equal("first\nsecond\nmain\n", await cluster.LogAsync(ns, "p", "main"));
        Assert.All(pod.Status.InitContainerStatuses, status => Assert.True(status.Ready));
        Assert.Equal(
            ["Completed", "Completed"],
            pod.Status.InitContainerStatuses.Select(status => status.State.Terminated.Reason)
        );
        Assert.False(Directory.Exists("/stash-tmp"), "mount points must not appear on the host");
    }

    [Fact]
    public async Task A_failing_init_container_fails_the_pod_and_the_containers_never_start()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: Never
              initContainers: [{ name: init, image: shell, args: ["exit 3"] }]
              containers: [{ name: main, image: shell, args: ["echo never"] }]
            """
        );
        var pod = await cluster.EndedAsync(ns, "p");
        Assert.Equal("Failed", pod.Status.Phase);
        Assert.Equal(3, pod.Status.InitContainerStatuses[0].State.Terminated.ExitCode);
        Assert.Equal("PodInitializing", pod.Status.ContainerStatuses[0].State.Waiting.Reason);
        var initialized = Assert.Single(pod.Status.Conditions, c => c.Type == "Initialized");
        Assert.Equal(("False", "ContainersNotInitialized"), (initialized.Status, initialized.Reason));
    }

    [Fact]
    public async Task Exit_code_reason_and_termination_message_reach_the_status()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: Never
              containers:
              - { name: said, image: shell, args: ["echo because > /dev/termination-log; exit 42"] }
              - { name: fell-back, image: shell, terminationMessagePolicy: FallbackToLogsOnError,
                  args: ["echo out; echo last words >&2; exit 1"] }
              - { name: fine, image: echo:1, args: [two] }
            """
        );
        var pod = await cluster.EndedAsync(ns, "p");
        var ends = pod.Status.ContainerStatuses.ToDictionary(status => status.Name, status => status.State.Terminated);
        Assert.Equal("Failed", pod.Status.Phase);
        Assert.Equal((42, "Error", "because\n"), (ends["said"].ExitCode, ends["said"].Reason, ends["said"].Message));
        Assert.Equal(1, ends["fell-back"].ExitCode);
        Assert.Contains("last words", ends["fell-back"].Message, StringComparison.Ordinal);
        Assert.Equal((0, "Completed", null), (ends["fine"].ExitCode, ends["fine"].Reason, ends["fine"].Message));
        Assert.Equal("one two\n", await cluster.LogAsync(ns, "p", "fine"));
    }

    [Fact]
    public async Task Restart_policy_on_failure_repeats_until_success_and_keeps_the_previous_log()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: OnFailure
              volumes: [{ name: v, emptyDir: {} }]
              containers:
              - name: c
                image: shell
                args: ["echo x >> /v/n; n=$(wc -l < /v/n); echo run $n; [ $n -ge 3 ]"]
                volumeMounts: [{ name: v, mountPath: /v }]
            """
        );
        var pod = await cluster.EndedAsync(ns, "p");
        Assert.Equal("Succeeded", pod.Status.Phase);
        Assert.Equal(2, pod.Status.ContainerStatuses[0].RestartCount);
        Assert.Equal(1, pod.Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
        Assert.Equal("run 3\n", await cluster.LogAsync(ns, "p"));
        Assert.Equal("run 2\n", await cluster.LogAsync(ns, "p", previous: true));
    }

    [Fact]
    public async Task Deletion_sends_sigterm_and_waits_for_the_program()
    {
        var ns = await cluster.NamespaceAsync();
        var marker = Path.Combine(cluster.Folder, "terminated");
        await cluster.CreatePodAsync(
            ns,
            $$"""
            metadata: { name: p }
            spec:
              volumes: [{ name: out, hostPath: { path: {{cluster.Folder}} } }]
              securityContext: { runAsUser: 0 }
              containers:
              - name: c
                image: shell
                args: ["trap 'echo bye > /out/terminated; exit 0' TERM; echo up; while :; do sleep 0.1; done"]
                volumeMounts: [{ name: out, mountPath: /out }]
            """
        );
        await cluster.ReadyAsync(ns, "p");
        await cluster.LoggedAsync(ns, "p", "up\n");
        await cluster.DeletePodAsync(ns, "p");
        await cluster.GoneAsync(ResourceType.Pods, ns, "p");
        Assert.Equal("bye\n", await File.ReadAllTextAsync(marker, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_program_that_ignores_sigterm_is_killed_with_its_children_after_the_grace_period()
    {
        var ns = await cluster.NamespaceAsync();
        // Another run of these tests on this machine has another one.
        var time = $"{Random.Shared.Next(1_000_000, int.MaxValue)}";
        await cluster.CreatePodAsync(
            ns,
            $$"""
            metadata: { name: p }
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{ name: c, image: shell, args: ["trap '' TERM; sleep {{time}} & echo up; wait"] }]
            """
        );
        await cluster.ReadyAsync(ns, "p");
        await cluster.LoggedAsync(ns, "p", "up\n");
        await TestSupport.Eventually.TrueAsync(
            "the child to run",
            () => Task.FromResult(IsRunning(time)),
            cancellationToken: TestContext.Current.CancellationToken
        );
        await cluster.DeletePodAsync(ns, "p");
        await cluster.GoneAsync(ResourceType.Pods, ns, "p");
        Assert.False(IsRunning(time));
    }

    [Fact]
    public async Task An_unknown_image_is_reported_and_deletion_still_works()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec: { containers: [{ name: c, image: "nowhere/none:1" }] }
            """
        );
        var pod = await cluster.PodAsync(ns, "p", "to back off", p =>
            p.Status?.ContainerStatuses?[0].State?.Waiting?.Reason == "ImagePullBackOff"
        );
        Assert.Equal("Pending", pod.Status.Phase);
        Assert.Contains(
            "nowhere/none:1",
            pod.Status.ContainerStatuses[0].State.Waiting.Message,
            StringComparison.Ordinal
        );
        await cluster.DeletePodAsync(ns, "p");
        await cluster.GoneAsync(ResourceType.Pods, ns, "p");
    }

    [Fact]
    public async Task A_crashing_container_backs_off()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec: { containers: [{ name: c, image: shell, args: ["exit 9"] }] }
            """
        );
        var pod = await cluster.PodAsync(ns, "p", "to back off", p =>
            p.Status?.ContainerStatuses?[0].State?.Waiting?.Reason == "CrashLoopBackOff"
        );
        Assert.Equal("Running", pod.Status.Phase);
        Assert.Equal(9, pod.Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
    }

    [Fact]
    public async Task A_memory_limit_ends_the_container_as_out_of_memory()
    {
        Assert.SkipUnless(
            Directory.Exists("/sys/fs/cgroup/memory") || File.Exists("/sys/fs/cgroup/cgroup.controllers"),
            "no memory control group"
        );
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: Never
              containers:
              - { name: c, image: shell, args: ["exec tail /dev/zero"], resources: { limits: { memory: 32Mi } } }
            """
        );
        var pod = await cluster.EndedAsync(ns, "p");
        Assert.Equal(
            (137, "OOMKilled"),
            (
                pod.Status.ContainerStatuses[0].State.Terminated.ExitCode,
                pod.Status.ContainerStatuses[0].State.Terminated.Reason
            )
        );
    }

    [Fact]
    public async Task The_deadline_of_a_pod_fails_it()
    {
        var ns = await cluster.NamespaceAsync();
        var sinceCreation = Stopwatch.StartNew();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: Never
              activeDeadlineSeconds: 3
              terminationGracePeriodSeconds: 1
              containers: [{ name: c, image: shell, args: ["sleep 600"] }]
            """
        );
        var pod = await cluster.EndedAsync(ns, "p");
        Assert.Equal(("Failed", "DeadlineExceeded"), (pod.Status.Phase, pod.Status.Reason));
        Assert.True(sinceCreation.Elapsed >= TimeSpan.FromSeconds(3), $"ended after {sinceCreation.Elapsed}");
        Assert.Equal(137, pod.Status.ContainerStatuses[0].State.Terminated.ExitCode);
    }

    private static bool IsRunning(string argument) =>
        Directory
            .EnumerateDirectories("/proc")
            .Select(directory => Path.Combine(directory, "cmdline"))
            .Any(file =>
            {
                try
                {
                    return File.Exists(file)
                        && File.ReadAllText(file).Split('\0').Contains(argument, StringComparer.Ordinal);
                }
                catch (IOException)
                {
                    return false;
                }
            });
}
