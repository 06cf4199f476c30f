using System.Text.Json.Nodes;
using Granary.TestSupport;

namespace Granary.DevCluster.Tests.Kubectl;

public sealed class BuiltInCommands
{
    [Fact]
    public async Task Typed_create_commands_arrive_as_protobuf()
    {
        await using var kubectl = await KubectlSession.StartAsync();

        await kubectl.OutputAsync("create namespace n");
        await kubectl.OutputAsync("create secret generic s --from-literal=a=b");
        await kubectl.OutputAsync("create configmap c --from-literal=k=v");
        await kubectl.OutputAsync("create serviceaccount sa");
        await kubectl.OutputAsync("create role r --verb=get --resource=pods");
        await kubectl.OutputAsync("create rolebinding rb --role=r --serviceaccount=default:sa");

        Assert.Equal("Yg==", await kubectl.OutputAsync("get secret s -o jsonpath={.data.a}"));
        Assert.Equal("v", await kubectl.OutputAsync("get cm c -o jsonpath={.data.k}"));
        Assert.Equal("default", await kubectl.OutputAsync("get sa default -n n -o jsonpath={.metadata.name}"));
        Assert.Equal("yes", await kubectl.OutputAsync("auth can-i get pods --as=system:serviceaccount:default:sa"));
    }

    [Fact]
    public async Task A_job_from_a_cron_job_has_its_whole_template()
    {
        await using var kubectl = await KubectlSession.StartAsync();
        await kubectl.OutputAsync("apply -f " + kubectl.File("cj.yaml", Manifests.CronJob));

        var created = await kubectl.OutputAsync("create job now --from=cronjob/cj");
        var template = await kubectl.OutputAsync("get job now -o jsonpath={.spec.template.spec}");
        var expected = await kubectl.OutputAsync("get cronjob cj -o jsonpath={.spec.jobTemplate.spec.template.spec}");

        Assert.Equal("job.batch/now created", created);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(template)));
        Assert.StartsWith(
            "NAME   STATUS    COMPLETIONS   DURATION   AGE\nnow    Running   0/1",
            await kubectl.OutputAsync("get jobs"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Watching_prints_every_change()
    {
        await using var kubectl = await KubectlSession.StartAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var (watching, printed) = kubectl.Follow("get cm -w", stop.Token);
        await PrintedAsync(printed, "kube-root-ca.crt");
        await kubectl.OutputAsync("create configmap second");
        await kubectl.OutputAsync("patch", "cm", "second", "-p", """{"data":{"a":"b"}}""");
        await PrintedAsync(printed, "second                     0");
        await PrintedAsync(printed, "second                     1");
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    [Fact]
    public async Task Pods_show_their_state_and_say_why_they_cannot_change()
    {
        await using var kubectl = await KubectlSession.StartAsync();
        await kubectl.OutputAsync("apply -f " + kubectl.File("p.yaml", Manifests.Pod));

        var table = await kubectl.OutputAsync("get pods");
        var described = await kubectl.OutputAsync("describe pod p");
        var changed = await kubectl.RunAsync("patch", "pod", "p", "-p", """{"spec":{"restartPolicy":"Never"}}""");

        Assert.Matches(@"NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\np\s+0/1\s+Pending\s+0\s+\d+s", table);
        Assert.Contains("Image:        i:1", described, StringComparison.Ordinal);
        Assert.Contains(
            "/var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-",
            described,
            StringComparison.Ordinal
        );
        Assert.Contains("pod updates may not change fields other than", changed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_side_apply_merges_containers_by_name()
    {
        await using var kubectl = await KubectlSession.StartAsync();
        await kubectl.OutputAsync("apply -f " + kubectl.File("cj.yaml", Manifests.CronJob));
        var changed = Manifests
            .CronJob.Replace("{name: A, value: b}", "{name: A, value: c}", StringComparison.Ordinal)
            .Replace("args: [one, two]", "args: [three]", StringComparison.Ordinal);

        await kubectl.OutputAsync("apply -f " + kubectl.File("cj2.yaml", changed));
        var container = "{.spec.jobTemplate.spec.template.spec.containers[*]";

        Assert.Equal("c", await kubectl.OutputAsync("get", "cronjob", "cj", "-o", $"jsonpath={container}.name}}"));
        Assert.Equal(
            "A POD",
            await kubectl.OutputAsync("get", "cronjob", "cj", "-o", $"jsonpath={container}.env[*].name}}")
        );
        Assert.Equal(
            "c",
            await kubectl.OutputAsync("get", "cronjob", "cj", "-o", $"jsonpath={container}.env[0].value}}")
        );
        Assert.Equal(
            """["three"]""",
            await kubectl.OutputAsync("get", "cronjob", "cj", "-o", $"jsonpath={container}.args}}")
        );
    }

    [Fact]
    public async Task Mistakes_in_manifests_are_explained()
    {
        await using var kubectl = await KubectlSession.StartAsync();
        var schedule = Manifests.CronJob.Replace("0 3 * * *", "61 * * * *", StringComparison.Ordinal);
        var unknown = Manifests.Pod.Replace("image:", "imag:", StringComparison.Ordinal);

        var badSchedule = await kubectl.RunAsync("apply -f " + kubectl.File("s.yaml", schedule));
        var badField = await kubectl.RunAsync("apply -f " + kubectl.File("u.yaml", unknown));
        var missing = await kubectl.RunAsync("get pod nobody");
        var nowhere = await kubectl.RunAsync("create configmap c -n nowhere");

        Assert.Contains("end of range (61) above maximum (59): 61", badSchedule.Error, StringComparison.Ordinal);
        Assert.Contains("unknown field \"spec.containers[0].imag\"", badField.Error, StringComparison.Ordinal);
        Assert.Contains(
            "Error from server (NotFound): pods \"nobody\" not found",
            missing.Error,
            StringComparison.Ordinal
        );
        Assert.Contains("namespaces \"nowhere\" not found", nowhere.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_account_may_do_what_its_role_says_and_no_more()
    {
        await using var kubectl = await KubectlSession.StartAsync();
        await kubectl.OutputAsync("create serviceaccount worker");
        await kubectl.OutputAsync("create role reader --verb=get,list --resource=configmaps");
        await kubectl.OutputAsync("create rolebinding reader --role=reader --serviceaccount=default:worker");
        var other = kubectl.Kubeconfig(await kubectl.OutputAsync("create token worker"));

        var allowed = await kubectl.OutputAsync($"get cm --kubeconfig={other} -o name");
        var refused = await kubectl.RunAsync($"get secrets --kubeconfig={other}");
        var canI = await kubectl.RunAsync($"auth can-i create pods --kubeconfig={other}");
        var grant = await kubectl.RunAsync($"create role more --verb=* --resource=secrets --kubeconfig={other}");

        Assert.Contains("configmap/kube-root-ca.crt", allowed, StringComparison.Ordinal);
        Assert.Contains(
            "secrets is forbidden: User \"system:serviceaccount:default:worker\" cannot list resource \"secrets\" in "
                + "API "
                + "group \"\" in the namespace \"default\"",
            refused.Error,
            StringComparison.Ordinal
        );
        Assert.Equal("no", canI.Output.Trim());
        Assert.Equal(1, grant.ExitCode);
    }

    [Fact]
    public async Task Nobody_grants_what_they_do_not_hold()
    {
        await using var kubectl = await KubectlSession.StartAsync();
        await kubectl.OutputAsync("create serviceaccount granter");
        await kubectl.OutputAsync("create clusterrole granter --verb=create --resource=roles,rolebindings");
        await kubectl.OutputAsync(
            "create clusterrolebinding granter --clusterrole=granter --serviceaccount=default:granter"
        );
        var other = kubectl.Kubeconfig(await kubectl.OutputAsync("create token granter"));

        var role = await kubectl.RunAsync($"create role more --verb=get --resource=secrets --kubeconfig={other}");
        var binding = await kubectl.RunAsync(
            $"create rolebinding more --clusterrole=view --serviceaccount=default:granter --kubeconfig={other}"
        );

        Assert.Contains(
            "user \"system:serviceaccount:default:granter\" (groups=[\"system:serviceaccounts\" "
                + "\"system:serviceaccounts:default\" \"system:authenticated\"]) is attempting to grant RBAC "
                + "permissions "
                + "not currently held:\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}",
            role.Error,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is attempting to grant RBAC permissions not currently held",
            binding.Error,
            StringComparison.Ordinal
        );
    }

    private static Task PrintedAsync(Func<string> printed, string text) =>
        Eventually.TrueAsync(
            $"'{text}' to be printed",
            () => Task.FromResult(printed().Contains(text, StringComparison.Ordinal)),
            cancellationToken: TestContext.Current.CancellationToken
        );
}
