using Granary.DevCluster.Machinery;
using Granary.TestSupport;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Tests.Controllers;

/// <summary>Jobs and Deployments with Pods that really run.</summary>
public sealed class WorkloadTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_retries_until_its_pod_succeeds()
    {
        var ns = await cluster.NamespaceAsync();
        var marker = Path.Combine(cluster.Folder, "tried");
        await cluster.CreateJobAsync(
            ns,
            $$"""
            metadata: { name: j }
            spec:
              backoffLimit: 3
              template:
                spec:
                  restartPolicy: Never
                  securityContext: { runAsUser: 0 }
                  volumes: [{ name: out, hostPath: { path: {{cluster.Folder}} } }]
                  containers:
                  - name: c
                    image: shell
                    args: ["[ -e /out/tried ] || { touch /out/tried; exit 1; }"]
                    volumeMounts: [{ name: out, mountPath: /out }]
            """
        );
        var job = await JobAsync(ns, "j", job =>
            job.Status?.Conditions?.Any(c => c is { Type: "Complete", Status: "True" }) == true
        );
        Assert.Equal((1, 1), (job.Status.Succeeded, job.Status.Failed));
        Assert.True(File.Exists(marker));
    }

    [Fact]
    public async Task A_job_past_its_deadline_stops_its_running_pod()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateJobAsync(
            ns,
            """
            metadata: { name: j }
            spec:
              activeDeadlineSeconds: 2
              template:
                spec: { restartPolicy: Never, terminationGracePeriodSeconds: 1, containers: [{ name: c, image: shell,
                    args: ["sleep 600"] }] }
            """
        );
        var job = await JobAsync(ns, "j", job =>
            job.Status?.Conditions?.Any(c => c is { Type: "Failed", Status: "True" }) == true
        );
        Assert.Equal("DeadlineExceeded", job.Status.Conditions.Single(c => c.Type == "Failed").Reason);
        await Eventually.TrueAsync(
            "its pod to go",
            async () => (await PodNamesAsync(ns)).Count == 0,
            cancellationToken: Ct
        );
    }

    [Fact]
    public async Task A_pod_that_no_node_takes_says_why()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec: { nodeSelector: { disk: ssd }, containers: [{ name: c, image: shell, args: ["true"] }] }
            """
        );
        var pod = await cluster.PodAsync(ns, "p", "to be refused", p =>
            p.Status?.Conditions?.Any(c => c.Reason == "Unschedulable") == true
        );
        Assert.Equal(
            "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
            pod.Status.Conditions.Single(c => c.Type == "PodScheduled").Message
        );
    }

    [Fact]
    public async Task A_deployment_rolls_out_and_replaces_its_pods()
    {
        var ns = await cluster.NamespaceAsync();
        var deployment = KubernetesYaml.Deserialize<V1Deployment>(
            """
            metadata: { name: d }
            spec:
              replicas: 2
              selector: { matchLabels: { app: d } }
              template:
                metadata: { labels: { app: d } }
                spec: { terminationGracePeriodSeconds: 1, containers: [{ name: c, image: shell,
                    args: ["exec sleep 600"] }] }
            """
        );
        await cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(deployment, ns, cancellationToken: Ct);
        await RolledOutAsync(ns, "1");
        var before = await PodNamesAsync(ns);
        Assert.Equal(2, before.Count);
        var stored = await cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("d", ns, cancellationToken: Ct);
        stored.Spec.Template.Spec.Containers[0].Args = ["exec sleep 601"];
        await cluster.Client.AppsV1.ReplaceNamespacedDeploymentAsync(stored, "d", ns, cancellationToken: Ct);
        await RolledOutAsync(ns, "2");
        await Eventually.TrueAsync(
            "the old pods to go",
            async () => (await PodNamesAsync(ns)) is { Count: 2 } after && !after.Intersect(before).Any(),
            cancellationToken: Ct
        );
        await cluster.Rest.DeleteAsync(ResourceType.Deployments.Path(ns, "d"), null, "Background", Ct);
        await Eventually.TrueAsync(
            "all pods to go",
            async () => (await PodNamesAsync(ns)).Count == 0,
            cancellationToken: Ct
        );
    }

    private async Task<IReadOnlyList<string>> PodNamesAsync(string ns) =>
        [
            .. (await cluster.Client.CoreV1.ListNamespacedPodAsync(ns, cancellationToken: Ct)).Items.Select(pod =>
                pod.Metadata.Name
            ),
        ];

    private Task<V1Deployment> RolledOutAsync(string ns, string revision) =>
        Eventually.ValueAsync(
            "the deployment to be rolled out",
            async () =>
            {
                var deployment = await cluster.Client.AppsV1.ReadNamespacedDeploymentAsync(
                    "d",
                    ns,
                    cancellationToken: Ct
                );
                return
                    deployment.Metadata.Annotations?.TryGetValue("deployment.kubernetes.io/revision", out var at)
                        == true
                    && at == revision
                    && deployment.Status.ObservedGeneration == deployment.Metadata.Generation
                    && deployment.Status is { Replicas: 2, UpdatedReplicas: 2, AvailableReplicas: 2 }
                    && deployment.Status.Conditions.Any(c =>
                        c is { Type: "Progressing", Reason: "NewReplicaSetAvailable" }
                    )
                    ? deployment
                    : throw new InvalidOperationException(KubernetesJson.Serialize(deployment.Status));
            },
            cancellationToken: Ct
        );

    private Task<V1Job> JobAsync(string ns, string name, Func<V1Job, bool> wanted) =>
        Eventually.ValueAsync(
            $"job {name}",
            async () =>
                await cluster.Client.BatchV1.ReadNamespacedJobAsync(name, ns, cancellationToken: Ct) is var job
                && wanted(job)
                    ? job
                    : throw new InvalidOperationException(KubernetesJson.Serialize(job.Status)),
            cancellationToken: Ct
        );
}
