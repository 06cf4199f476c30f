using Granary.Operator.Jobs;
using k8s.Models;

namespace Granary.Operator.Tests.Jobs;

public sealed class PodDiagnosisTests
{
    [Fact]
    public void A_healthy_Pod_has_no_diagnosis()
    {
        Assert.Null(PodDiagnosis.Of(Pod(Container(new V1ContainerState { Running = new V1ContainerStateRunning() }))));
        Assert.Null(PodDiagnosis.Of(Pod(Terminated(0, "Completed"))));
        Assert.Null(PodDiagnosis.Of(new V1Pod { Metadata = new V1ObjectMeta { Name = "p" } }));
    }

    [Fact]
    public void OOMKilled_names_the_limit()
    {
        var found = PodDiagnosis.Of(Pod(Terminated(137, "OOMKilled")));

        Assert.Equal(
            "container backup of Pod p was OOMKilled: it needed more memory than its limit of 64Mi (exit code 137)",
            found?.Message
        );
        Assert.True(found?.IsFinal);
    }

    // Seen with containerd: the step reports its failure and exits 0, and the kubelet starts nothing more.
    [Fact]
    public void An_init_container_that_lost_a_program_to_its_limit_is_lost_although_it_exits_0()
    {
        var found = PodDiagnosis.Of(Pod(Terminated(0, "OOMKilled")));

        Assert.Equal((PodCause.OutOfMemory, true), (found?.Cause, found?.IsFinal));
        Assert.Contains("limit of 64Mi (exit code 0)", found?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_main_container_that_ended_well_has_done_its_work()
    {
        var pod = Pod();
        pod.Status.ContainerStatuses = [Terminated(0, "OOMKilled")];

        Assert.Null(PodDiagnosis.Of(pod));
    }

    [Fact]
    public void A_node_that_does_not_report_is_named_with_its_time()
    {
        var node = new V1Node
        {
            Metadata = new V1ObjectMeta { Name = "worker-2" },
            Status = new V1NodeStatus
            {
                Conditions =
                [
                    new V1NodeCondition
                    {
                        Type = "Ready",
                        Status = "Unknown",
                        LastTransitionTime = new DateTime(2026, 5, 1, 12, 0, 0, DateTimeKind.Utc),
                        Message = "Kubelet stopped posting node status.",
                    },
                ],
            },
        };

        var found = PodDiagnosis.Of(node, Pod());

        Assert.Equal(
            "node worker-2 of Pod p is NotReady since 2026-05-01 12:00:00Z: Kubelet stopped posting node status.",
            found?.Message
        );
        Assert.Equal((PodCause.NodeNotReady, false), (found?.Cause, found?.IsFinal));
    }

    [Fact]
    public void An_exit_code_comes_with_the_last_words()
    {
        var found = PodDiagnosis.Of(Pod(Terminated(3, "Error", "pg_dumpall: error: connection refused\n")));

        Assert.Equal(
            "container backup of Pod p ended with exit code 3: pg_dumpall: error: connection refused",
            found?.Message
        );
    }

    [Fact]
    public void Last_words_are_the_last_ones()
    {
        var found = PodDiagnosis.Of(Pod(Terminated(1, "Error", new string('x', 5000) + " the end")));

        Assert.EndsWith("the end", found?.Message, StringComparison.Ordinal);
        Assert.True(found?.Message.Length < 1200);
    }

    [Fact]
    public void SIGKILL_is_named()
    {
        Assert.Contains("SIGKILL", PodDiagnosis.Of(Pod(Terminated(137, "Error")))?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_evicted_Pod_says_what_was_short()
    {
        var pod = Pod();
        pod.Status.Phase = "Failed";
        pod.Status.Reason = "Evicted";
        pod.Status.Message = "The node was low on resource: memory.";

        var found = PodDiagnosis.Of(pod);

        Assert.Equal("Pod p was stopped by Kubernetes: Evicted: The node was low on resource: memory.", found?.Message);
    }

    [Fact]
    public void An_image_that_does_not_come_is_not_final()
    {
        var state = new V1ContainerState
        {
            Waiting = new V1ContainerStateWaiting { Reason = "ImagePullBackOff", Message = "Back-off" },
        };

        var found = PodDiagnosis.Of(Pod(Container(state)));

        Assert.Equal(
            "container backup of Pod p cannot start: ImagePullBackOff: Back-off (image granary/worker:1)",
            found?.Message
        );
        Assert.False(found?.IsFinal);
    }

    [Fact]
    public void An_impossible_image_name_is_final()
    {
        var state = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "InvalidImageName" } };

        Assert.True(PodDiagnosis.Of(Pod(Container(state)))?.IsFinal);
    }

    [Fact]
    public void A_Pod_without_a_node_waits_for_one()
    {
        var pod = Pod();
        pod.Status.Conditions =
        [
            new V1PodCondition
            {
                Type = "PodScheduled",
                Status = "False",
                Reason = "Unschedulable",
                Message = "0/3 nodes",
            },
        ];

        var found = PodDiagnosis.Of(pod);

        Assert.True(found is { Cause: PodCause.Unscheduled, IsFinal: false });
    }

    [Fact]
    public void A_failed_Job_without_a_Pod_says_that_it_is_gone()
    {
        var job = new V1Job
        {
            Metadata = new V1ObjectMeta { Name = "j", CreationTimestamp = DateTime.UnixEpoch },
            Status = new V1JobStatus
            {
                Conditions =
                [
                    new V1JobCondition
                    {
                        Type = "Failed",
                        Status = "True",
                        Reason = "BackoffLimitExceeded",
                        Message = "m",
                    },
                ],
            },
        };

        var observation = JobObservation.Of(job, []);

        Assert.Equal(JobState.Failed, observation.State);
        Assert.Contains("its Pod is gone", observation.Trouble?.Message, StringComparison.Ordinal);
    }

    private static V1ContainerStatus Terminated(int exitCode, string reason, string? message = null) =>
        Container(
            new V1ContainerState
            {
                Terminated = new V1ContainerStateTerminated
                {
                    ExitCode = exitCode,
                    Reason = reason,
                    Message = message,
                },
            }
        );

    private static V1ContainerStatus Container(V1ContainerState state) =>
        new()
        {
            Name = "backup",
            Image = "granary/worker:1",
            State = state,
        };

    private static V1Pod Pod(params List<V1ContainerStatus> init) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = "p" },
            Spec = new V1PodSpec
            {
                InitContainers =
                [
                    new V1Container
                    {
                        Name = "backup",
                        Resources = new V1ResourceRequirements
                        {
                            Limits = new Dictionary<string, ResourceQuantity>
                            {
                                ["memory"] = new ResourceQuantity("64Mi"),
                            },
                        },
                    },
                ],
            },
            Status = new V1PodStatus { InitContainerStatuses = init },
        };
}
