using Granary.DevCluster.Machinery;
using Granary.TestSupport;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Tests.NodeAgent;

/// <summary>Addresses, probes and names.</summary>
public sealed class PodNetworkTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    private const string Server = """
        metadata: { name: NAME, labels: { app: NAME } }
        spec:
          terminationGracePeriodSeconds: 1
          containers:
          - name: c
            image: pushgateway
            args: ["--web.listen-address=$(POD_IP):9091"]
            env: [{ name: POD_IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }]
            ports: [{ name: http, containerPort: 9091 }]
            readinessProbe: { httpGet: { path: /-/ready, port: http }, periodSeconds: 1 }
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_pods_listen_on_the_same_port_and_are_found_by_their_service_names()
    {
        var ns = await cluster.NamespaceAsync();
        foreach (var name in (string[])["one", "two"])
        {
            await cluster.CreatePodAsync(ns, Server.Replace("NAME", name, StringComparison.Ordinal));
            await CreateServiceAsync(
                ns,
                name,
                new V1ServiceSpec
                {
                    Selector = new Dictionary<string, string> { ["app"] = name },
                    Ports = [new V1ServicePort { Port = 9091 }],
                }
            );
        }

        await CreateServiceAsync(
            ns,
            "outside",
            new V1ServiceSpec { Type = "ExternalName", ExternalName = "127.9.9.9" }
        );
        var one = await cluster.ReadyAsync(ns, "one");
        var two = await cluster.ReadyAsync(ns, "two");
        Assert.NotEqual(one.Status.PodIP, two.Status.PodIP);
        await cluster.CreatePodAsync(
            ns,
            $$"""
            metadata: { name: client }
            spec:
              restartPolicy: OnFailure
              containers:
              - name: c
                image: shell
                args:
                - |
                  set -e
                  for h in one two one.{{ns}} one.{{ns}}.svc two.{{ns}}.svc.cluster.local; do
                    curl -sf http://$h:9091/-/ready >/dev/null && getent hosts $h | cut -d' ' -f1
                  done
                  getent hosts outside | cut -d' ' -f1
            """
        );
        await cluster.EndedAsync(ns, "client");
        var (a, b) = (one.Status.PodIP, two.Status.PodIP);
        Assert.Equal($"{a}\n{b}\n{a}\n{a}\n{b}\n127.9.9.9\n", await cluster.LogAsync(ns, "client"));
    }

    [Fact]
    public async Task The_hosts_file_of_a_running_pod_follows_services()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: watcher }
            spec:
              restartPolicy: Never
              containers: [{ name: c, image: shell,
                  args: ["until getent hosts late; do sleep 0.1; done;
                    while getent hosts late >/dev/null; do sleep 0.1; done; echo gone"] }]
            """
        );
        await cluster.PodAsync(ns, "watcher", "to run", pod => pod.Status?.Phase == "Running");
        await CreateServiceAsync(ns, "late", new V1ServiceSpec { Type = "ExternalName", ExternalName = "127.8.8.8" });
        await Eventually.TrueAsync(
            "the name to be seen",
            async () => (await cluster.LogAsync(ns, "watcher")).Contains("127.8.8.8", StringComparison.Ordinal),
            cancellationToken: Ct
        );
        await cluster.Rest.DeleteAsync(Machinery.ResourceType.Services.Path(ns, "late"), null, null, Ct);
        await cluster.EndedAsync(ns, "watcher");
        Assert.EndsWith("gone\n", await cluster.LogAsync(ns, "watcher"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readiness_decides_the_ready_condition_and_the_endpoints()
    {
        var ns = await cluster.NamespaceAsync();
        await CreateServiceAsync(
            ns,
            "s",
            new V1ServiceSpec
            {
                Selector = new Dictionary<string, string> { ["app"] = "s" },
                Ports = [new V1ServicePort { Port = 80, TargetPort = 9091 }],
            }
        );
        await cluster.CreatePodAsync(
            ns,
            $$"""
            metadata: { name: p, labels: { app: s } }
            spec:
              terminationGracePeriodSeconds: 1
              volumes: [{ name: v, hostPath: { path: {{cluster.Folder}} } }]
              containers:
              - name: c
                image: shell
                args: ["sleep 600"]
                volumeMounts: [{ name: v, mountPath: /v }]
                readinessProbe: { exec: { command: [test, -e, "/v/{{ns}}-is-ready"] }, periodSeconds: 1 }
            """
        );
        var early = await cluster.PodAsync(ns, "p", "to run", pod => pod.Status?.Phase == "Running");
        var condition = Assert.Single(early.Status.Conditions, c => c.Type == "Ready");
        Assert.Equal(
            ("False", "ContainersNotReady", "containers with unready status: [c]"),
            (condition.Status, condition.Reason, condition.Message)
        );
        await File.WriteAllTextAsync(Path.Combine(cluster.Folder, $"{ns}-is-ready"), "", Ct);
        var pod = await cluster.ReadyAsync(ns, "p");
        await Eventually.TrueAsync(
            "the endpoint to be ready",
            async () =>
                (
                    await cluster.Client.DiscoveryV1.ListNamespacedEndpointSliceAsync(
                        ns,
                        labelSelector: "kubernetes.io/service-name=s",
                        cancellationToken: Ct
                    )
                ).Items.Any(slice =>
                    slice.Ports[0].Port == 9091
                    && slice.Endpoints?.Any(e => e.Conditions.Ready == true && e.Addresses[0] == pod.Status.PodIP)
                        == true
                ),
            cancellationToken: Ct
        );
    }

    [Fact]
    public async Task A_failing_liveness_probe_restarts_the_container()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - { name: c, image: shell, args: ["sleep 600"], livenessProbe: { exec: { command: ["false"] },
                  periodSeconds: 1, failureThreshold: 1 } }
            """
        );
        var pod = await cluster.PodAsync(ns, "p", "to be restarted", p =>
            p.Status?.ContainerStatuses?[0].RestartCount > 0
        );
        Assert.Equal(137, pod.Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
        await Eventually.TrueAsync(
            "the reason to be told",
            async () =>
                (await cluster.EventsAsync(ns, "p")).Any(e =>
                    e.Reason == "Killing" && e.Message == "Container c failed liveness probe, will be restarted"
                ),
            cancellationToken: Ct
        );
    }

    [Fact]
    public async Task Logs_are_tailed_and_followed()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec: { restartPolicy: Never, containers: [{ name: c, image: shell,
                args: ["for i in 1 2 3 4 5; do echo line $i; sleep 0.2; done; printf end"] }] }
            """
        );
        await cluster.PodAsync(ns, "p", "to run", pod => pod.Status?.Phase is "Running" or "Succeeded");
        await using (
            var stream = await cluster.Client.CoreV1.ReadNamespacedPodLogAsync(
                "p",
                ns,
                follow: true,
                cancellationToken: Ct
            )
        )
        {
            using var reader = new StreamReader(stream);
            Assert.Equal("line 1\nline 2\nline 3\nline 4\nline 5\nend", await reader.ReadToEndAsync(Ct));
        }

        Assert.Equal("line 5\nend", await cluster.LogAsync(ns, "p", tailLines: 2));
    }

    private Task<V1Service> CreateServiceAsync(string ns, string name, V1ServiceSpec spec) =>
        cluster.Client.CoreV1.CreateNamespacedServiceAsync(
            new V1Service
            {
                Metadata = new V1ObjectMeta { Name = name },
                Spec = spec,
            },
            ns,
            cancellationToken: Ct
        );
}
