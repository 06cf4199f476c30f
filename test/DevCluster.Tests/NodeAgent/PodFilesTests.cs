using Granary.TestSupport;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Tests.NodeAgent;

/// <summary>What a program finds in its container: environment, volumes, identity.</summary>
public sealed class PodFilesTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    [Fact]
    public async Task Environment_is_clean_and_built_from_every_source()
    {
        var ns = await cluster.NamespaceAsync();
        await CreateSecretAsync(ns, "s", ("KEY", "from-secret"));
        await CreateConfigMapAsync(ns, "m", ("color", "blue"), ("odd.name", "dotted"));
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p, labels: { app: web } }
            spec:
              restartPolicy: Never
              containers:
              - name: c
                image: shell
                command: [/usr/bin/env]
                resources: { limits: { memory: 64Mi } }
                envFrom: [{ configMapRef: { name: m }, prefix: "CM_" }, { secretRef: { name: absent, optional: true } }]
                env:
                - { name: A, value: one }
                - { name: B, value: "$(A) $(MISSING) $$(A)" }
                - { name: S, valueFrom: { secretKeyRef: { name: s, key: KEY } } }
                - { name: O, valueFrom: { secretKeyRef: { name: s, key: nope, optional: true } } }
                - { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
                - { name: UID_, valueFrom: { fieldRef: { fieldPath: metadata.uid } } }
                - { name: APP, valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }
                - { name: IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
                - { name: MEM, valueFrom: { resourceFieldRef: { resource: limits.memory, divisor: 1Mi } } }
            """
        );
        var pod = await cluster.EndedAsync(ns, "p");
        var env = (await cluster.LogAsync(ns, "p"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(
                line => line[..line.IndexOf('=', StringComparison.Ordinal)],
                line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]
            );
        Assert.Equal("yes", env["FROM_IMAGE"]);
        Assert.Equal("one $(MISSING) $(A)", env["B"]);
        Assert.Equal(("from-secret", "blue", "dotted"), (env["S"], env["CM_color"], env["CM_odd.name"]));
        Assert.Equal(
            ("p", pod.Metadata.Uid, "web", pod.Status.PodIP, "64"),
            (env["POD"], env["UID_"], env["APP"], env["IP"], env["MEM"])
        );
        Assert.Equal("p", env["HOSTNAME"]);
        Assert.DoesNotContain("O", env.Keys);
        var expected = new HashSet<string>
        {
            "PATH",
            "HOME",
            "HOSTNAME",
            "FROM_IMAGE",
            "KUBERNETES_SERVICE_HOST",
            "KUBERNETES_SERVICE_PORT",
            "KUBERNETES_SERVICE_PORT_HTTPS",
            "A",
            "B",
            "S",
            "POD",
            "UID_",
            "APP",
            "IP",
            "MEM",
            "CM_color",
            "CM_odd.name",
        };
        Assert.Empty(env.Keys.Except(expected));
    }

    [Fact]
    public async Task Secrets_are_mounted_at_their_real_path_with_mode_and_group()
    {
        var ns = await cluster.NamespaceAsync();
        await CreateSecretAsync(ns, "storage", ("RESTIC_PASSWORD", "hunter2"));
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: Never
              securityContext: { runAsUser: 65534, fsGroup: 65534 }
              volumes: [{ name: s, secret: { secretName: storage, defaultMode: 288 } }]
              containers:
              - name: c
                image: shell
                volumeMounts: [{ name: s, mountPath: /var/run/granary/storage, readOnly: true }]
                args:
                - |
                  id -u
                  stat -L -c '%a %u %g' /var/run/granary/storage/RESTIC_PASSWORD
                  cat /var/run/granary/storage/RESTIC_PASSWORD; echo
                  touch /var/run/granary/storage/x 2>/dev/null || echo read-only
            """
        );
        await cluster.EndedAsync(ns, "p");
        Assert.Equal("65534\n440 0 65534\nhunter2\nread-only\n", await cluster.LogAsync(ns, "p"));
        Assert.False(Directory.Exists("/run/granary"), "mount points must not appear on the host");
    }

    [Fact]
    public async Task Config_map_items_sub_paths_and_projected_volumes_are_laid_out()
    {
        var ns = await cluster.NamespaceAsync();
        await CreateConfigMapAsync(ns, "m", ("a.conf", "A"), ("b.conf", "B"));
        await CreateSecretAsync(ns, "s", ("k", "S"));
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p, annotations: { note: "say \"hi\"" } }
            spec:
              restartPolicy: Never
              volumes:
              - { name: items, configMap: { name: m, items: [{ key: b.conf, path: deep/b }] } }
              - { name: whole, configMap: { name: m } }
              - name: mixed
                projected:
                  sources:
                  - { secret: { name: s } }
                  - { downwardAPI: { items: [{ path: note, fieldRef: { fieldPath: metadata.annotations } }] } }
              - { name: absent, secret: { secretName: none, optional: true } }
              containers:
              - name: c
                image: shell
                volumeMounts:
                - { name: items, mountPath: /etc/items }
                - { name: whole, mountPath: /etc/app.conf, subPath: a.conf }
                - { name: mixed, mountPath: /mixed }
                - { name: absent, mountPath: /absent }
                args: ["cat /etc/items/deep/b /etc/app.conf /mixed/k; echo; cat /mixed/note; echo; ls /absent | wc -l"]
            """
        );
        await cluster.EndedAsync(ns, "p");
        Assert.Equal("BAS\nnote=\"say \\\"hi\\\"\"\n0\n", await cluster.LogAsync(ns, "p"));
    }

    [Fact]
    public async Task A_pod_waits_for_a_missing_secret_and_says_so()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: Never
              volumes: [{ name: v, secret: { secretName: late } }]
              containers: [{ name: c, image: shell, args: ["cat /v/k"], volumeMounts: [{ name: v, mountPath: /v }] }]
            """
        );
        await TestSupport.Eventually.TrueAsync(
            "the mount failure to be told",
            async () =>
                (await cluster.EventsAsync(ns, "p")).Any(e =>
                    e.Reason == "FailedMount"
                    && e.Message == "MountVolume.SetUp failed for volume \"v\" : secret \"late\" not found"
                ),
            cancellationToken: TestContext.Current.CancellationToken
        );
        var waiting = await cluster.PodAsync(ns, "p");
        Assert.Equal(
            ("Pending", "ContainerCreating"),
            (waiting.Status.Phase, waiting.Status.ContainerStatuses[0].State.Waiting.Reason)
        );
        await CreateSecretAsync(ns, "late", ("k", "here"));
        Assert.Equal("Succeeded", (await cluster.EndedAsync(ns, "p")).Status.Phase);
        Assert.Equal("here", await cluster.LogAsync(ns, "p"));
    }

    [Fact]
    public async Task A_missing_key_is_a_config_error_until_it_appears()
    {
        var ns = await cluster.NamespaceAsync();
        await CreateSecretAsync(ns, "s", ("other", "x"));
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: Never
              containers: [{ name: c, image: shell, args: ["echo $K"], env: [{ name: K,
                  valueFrom: { secretKeyRef: { name: s, key: k } } }] }]
            """
        );
        var pod = await cluster.PodAsync(ns, "p", "to complain", p =>
            p.Status?.ContainerStatuses?[0].State?.Waiting?.Reason == "CreateContainerConfigError"
        );
        Assert.Equal($"couldn't find key k in Secret {ns}/s", pod.Status.ContainerStatuses[0].State.Waiting.Message);
    }

    [Fact]
    public async Task A_changed_config_map_reaches_the_running_program()
    {
        var ns = await cluster.NamespaceAsync();
        await CreateConfigMapAsync(ns, "m", ("k", "old"));
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: Never
              volumes: [{ name: v, configMap: { name: m } }]
              containers:
              - { name: c, image: shell, args: ["until [ $(cat /v/k) = new ]; do sleep 0.1; done; echo seen"],
                  volumeMounts: [{ name: v, mountPath: /v }] }
            """
        );
        await cluster.PodAsync(ns, "p", "to run", pod => pod.Status?.Phase == "Running");
        var map = await cluster.Client.CoreV1.ReadNamespacedConfigMapAsync(
            "m",
            ns,
            cancellationToken: TestContext.Current.CancellationToken
        );
        map.Data["k"] = "new";
        await cluster.Client.CoreV1.ReplaceNamespacedConfigMapAsync(
            map,
            "m",
            ns,
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.Equal("Succeeded", (await cluster.EndedAsync(ns, "p")).Status.Phase);
    }

    [Fact]
    public async Task The_service_account_token_opens_the_api_server()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: Never
              containers:
              - name: c
                image: shell
                args:
                - |
                  d=/var/run/secrets/kubernetes.io/serviceaccount
                  api=https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT
                  curl -s --cacert $d/ca.crt -H "Authorization: Bearer $(cat $d/token)" \
                    $api/api/v1/namespaces/$(cat $d/namespace)/secrets
            """
        );
        await cluster.EndedAsync(ns, "p");
        Assert.Contains(
            $"system:serviceaccount:{ns}:default",
            await cluster.LogAsync(ns, "p"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task User_group_and_no_new_privileges_are_honoured()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            """
            metadata: { name: p }
            spec:
              restartPolicy: Never
              securityContext: { runAsUser: 1234, runAsGroup: 2345, supplementalGroups: [3456], fsGroup: 4567 }
              volumes: [{ name: v, emptyDir: {} }]
              containers:
              - name: c
                image: shell
                securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true }
                volumeMounts: [{ name: v, mountPath: /v }]
                args: ["id -u; id -g; id -G; touch /v/f; stat -c %g /v/f; touch /etc/x 2>/dev/null || echo read-only;
                  grep NoNewPrivs /proc/self/status"]
              - { name: image-user, image: shell, args: ["id -u"], securityContext: {} }
            """
        );
        await cluster.EndedAsync(ns, "p");
        Assert.Equal(
            "1234\n2345\n2345 3456 4567\n4567\nread-only\nNoNewPrivs:\t1\n",
            await cluster.LogAsync(ns, "p", "c")
        );
    }

    [Fact]
    public async Task A_container_sees_only_its_own_processes_and_not_other_pods_files()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreatePodAsync(
            ns,
            $$"""
            metadata: { name: p }
            spec:
              restartPolicy: Never
              securityContext: { runAsUser: 0 }
              containers: [{ name: c, image: shell,
                  args: ["ls -d /proc/[0-9]* | wc -l; ls {{cluster.Folder}}/cluster/node/pods | wc -l;
                    echo x > /etc/granary-probe"] }]
            """
        );
        var pod = await cluster.EndedAsync(ns, "p");
        Assert.Equal("Succeeded", pod.Status.Phase);
        var lines = (await cluster.LogAsync(ns, "p")).Split('\n');
        Assert.InRange(int.Parse(lines[0]), 1, 4);
        Assert.Equal("0", lines[1]);
        Assert.False(File.Exists("/etc/granary-probe"));
    }

    private async Task CreateSecretAsync(string ns, string name, params (string Key, string Value)[] data) =>
        await cluster.Client.CoreV1.CreateNamespacedSecretAsync(
            new V1Secret
            {
                Metadata = new V1ObjectMeta { Name = name },
                StringData = data.ToDictionary(d => d.Key, d => d.Value),
            },
            ns,
            cancellationToken: TestContext.Current.CancellationToken
        );

    private async Task CreateConfigMapAsync(string ns, string name, params (string Key, string Value)[] data) =>
        await cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(
            new V1ConfigMap
            {
                Metadata = new V1ObjectMeta { Name = name },
                Data = data.ToDictionary(d => d.Key, d => d.Value),
            },
            ns,
            cancellationToken: TestContext.Current.CancellationToken
        );
}
