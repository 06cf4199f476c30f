using System.Text.Json.Nodes;
using Granary.DevCluster.Tests.Fidelity;
using Granary.DevCluster.Tests.Kubectl;

namespace Granary.DevCluster.Tests.Access;

/// <summary>What the server says of users: to those that ask about access, and to webhooks.</summary>
public sealed class AccessReviewTests : IAsyncLifetime
{
    private KubectlSession _kubectl = null!;

    public async ValueTask InitializeAsync()
    {
        _kubectl = await KubectlSession.StartAsync();
        await _kubectl.OutputAsync("create serviceaccount worker");
        await _kubectl.OutputAsync("create role reader --verb=get,list --resource=configmaps");
        await _kubectl.OutputAsync("create rolebinding reader --role=reader --serviceaccount=default:worker");
    }

    public ValueTask DisposeAsync() => _kubectl.DisposeAsync();

    [Theory]
    [InlineData("get configmaps", "yes")]
    [InlineData("delete configmaps", "no")]
    [InlineData("get configmaps -n kube-system", "no")]
    [InlineData("get /version", "yes")]
    public async Task Can_i_answers_by_role(string question, string answer)
    {
        var asked = await _kubectl.RunAsync($"auth can-i {question} --as=system:serviceaccount:default:worker");

        Assert.Equal(answer, asked.Output.Trim());
    }

    [Fact]
    public async Task Can_i_lists_the_rules_of_a_namespace()
    {
        var worker = _kubectl.Kubeconfig(await _kubectl.OutputAsync("create token worker"));

        var rules = await _kubectl.OutputAsync($"auth can-i --list --kubeconfig={worker}");

        Assert.Matches(@"(?m)^configmaps +\[\] +\[\] +\[get list\]", rules);
        Assert.DoesNotContain("secrets", rules, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default", """{"user":"u","resourceAttributes":{"namespace":"default"}}""", 201, "")]
    [InlineData(
        "default",
        """{"user":"u","resourceAttributes":{"namespace":"kube-system"}}""",
        422,
        "must match metadata.namespace"
    )]
    [InlineData(
        "kube-system",
        """{"user":"u","resourceAttributes":{"namespace":"kube-system"}}""",
        400,
        "spec.resourceAttributes.namespace must match namespace: default"
    )]
    [InlineData("default", """{"user":"u"}""", 422, "exactly one of nonResourceAttributes or resourceAttributes")]
    [InlineData(
        "default",
        """{"user":"u","nonResourceAttributes":{"path":"/"}}""",
        422,
        "disallowed on this kind of request"
    )]
    public async Task A_local_review_is_about_its_own_namespace(string ns, string spec, int status, string words)
    {
        using var client = new ReplayClient(_kubectl.Server);
        var review = new JsonObject
        {
            ["metadata"] = new JsonObject { ["namespace"] = ns },
            ["spec"] = JsonNode.Parse(spec),
        };

        var answer = await client.SendAsync(
            "POST",
            "/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews",
            review,
            "application/json",
            "application/json",
            TestContext.Current.CancellationToken
        );

        Assert.Equal(status, answer.Status);
        Assert.Contains(words, answer.Body!["message"]?.GetValue<string>() ?? string.Empty, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_is_told_all_that_is_known_of_the_user()
    {
        await using var webhook = await RecordedWebhook.StartAsync();
        await _kubectl.OutputAsync("create clusterrolebinding all --clusterrole=edit --serviceaccount=default:worker");
        await _kubectl.OutputAsync("create clusterrolebinding jane --clusterrole=edit --user=jane");
        await _kubectl.OutputAsync("apply -f " + _kubectl.File("webhook.yaml", Configuration(webhook)));
        var worker = _kubectl.Kubeconfig(await _kubectl.OutputAsync("create token worker"));
        var uid = await _kubectl.OutputAsync("get serviceaccount worker -o jsonpath={.metadata.uid}");

        await _kubectl.OutputAsync($"create configmap one --kubeconfig={worker}");
        await _kubectl.OutputAsync("create configmap two --as=jane --as-group=dev --as-uid=17");

        var users = webhook.Reviews.Select(r => r!["review"]!["request"]!["userInfo"]!).ToArray();
        Assert.Equal("system:serviceaccount:default:worker", users[0]["username"]!.GetValue<string>());
        Assert.Equal(uid, users[0]["uid"]!.GetValue<string>());
        Assert.StartsWith(
            "JTI=",
            users[0]["extra"]!["authentication.kubernetes.io/credential-id"]![0]!.GetValue<string>(),
            StringComparison.Ordinal
        );
        Assert.Equal(
            """["system:serviceaccounts","system:serviceaccounts:default","system:authenticated"]""",
            users[0]["groups"]!.ToJsonString()
        );
        Assert.Equal(
            """{"username":"jane","uid":"17","groups":["dev","system:authenticated"]}""",
            users[1].ToJsonString()
        );
    }

    private static string Configuration(RecordedWebhook webhook) =>
        $$"""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata:
              name: who
            webhooks:
              - name: who.example.com
                admissionReviewVersions: [v1]
                sideEffects: None
                timeoutSeconds: {{RecordedWebhook.PatientSeconds}}
                clientConfig:
                  url: https://127.0.0.1:{{webhook.Port}}/validate
                  caBundle: {{webhook.Authority}}
                rules:
                  - apiGroups: [""]
                    apiVersions: [v1]
                    operations: [CREATE]
                    resources: [configmaps]
            """;
}
