using System.Text.Json.Nodes;

namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>The account of the recorded access reviews: what it may, and a token of its own.</summary>
internal sealed class RecordedTenant(ReplayClient client)
{
    private const string Namespace = "/api/v1/namespaces/more";
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/more";

    /// <summary>Makes the namespace, the account, its role and the binding between them.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        await PostAsync("/api/v1/namespaces", """{"metadata":{"name":"more"}}""", cancellationToken);
        await PostAsync($"{Namespace}/serviceaccounts", """{"metadata":{"name":"tenant"}}""", cancellationToken);
        await PostAsync(
            $"{Rbac}/roles",
            """
            {
              "metadata": {"name": "r"},
              "rules": [
                {"apiGroups": [""], "resources": ["configmaps", "pods/exec"], "verbs": ["create"]}
              ]
            }
            """,
            cancellationToken
        );
        await PostAsync(
            $"{Rbac}/rolebindings",
            """
            {
              "metadata": {"name": "r"},
              "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
              "subjects": [{"kind": "ServiceAccount", "name": "tenant", "namespace": "more"}]
            }
            """,
            cancellationToken
        );
    }

    public async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        var answer = await PostAsync($"{Namespace}/serviceaccounts/tenant/token", """{"spec":{}}""", cancellationToken);
        return answer["status"]!["token"]!.GetValue<string>();
    }

    private async Task<JsonNode> PostAsync(string path, string body, CancellationToken cancellationToken)
    {
        const string json = "application/json";
        var answer = await client.SendAsync("POST", path, JsonNode.Parse(body), json, json, cancellationToken);
        Assert.True(answer.Status == 201, $"POST {path}: {answer.Body}");
        return answer.Body!;
    }
}
