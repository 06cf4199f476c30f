using System.Text.Json.Nodes;
using Granary.TestSupport;

namespace Granary.EndToEnd;

/// <summary>Installs the operator from the manifests under <c>config/</c>, as an administrator would.</summary>
internal sealed class OperatorInstallation(Kubectl kubectl, StageOptions options)
{
    /// <summary>Applies everything and waits until the operator is ready; answers its Pod's address.</summary>
    public async Task<string> InstallAsync(CancellationToken cancellationToken)
    {
        await ApplyAsync("config/crd");
        await kubectl.RunAsync("wait", "--for=condition=Established", "crd", "--all", "--timeout=180s");
        await ApplyAsync("config/manager/namespace.yaml");
        await ApplyAsync("config/rbac", "config/catalog", "config/webhook");
        options.Say("CRDs, RBAC, webhook configuration and catalog are applied");
        await ApplyAsync("config/manager");
        JsonNode pod = await Eventually.ValueAsync(
            "the operator's Pod to be ready",
            async () => (await kubectl.ListAsync("pods", StageNames.OperatorNamespace)).FirstOrDefault(IsReady),
            TimeSpan.FromMinutes(5),
            cancellationToken
        );
        return (string?)pod["status"]?["podIP"] ?? "";
    }

    private static bool IsReady(JsonNode pod) =>
        pod["status"]
            ?["conditions"]?.AsArray()
            .Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True") == true;

    private async Task ApplyAsync(params string[] paths)
    {
        foreach (string path in paths)
        {
            await kubectl.RunAsync("apply", "-f", Path.Combine(RepositoryRoot.Path, path));
        }
    }
}
