using Granary.Api;
using Granary.Api.Names;
using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Jobs;

/// <summary>Takes away what an invoker has in other namespaces, where no owner reference reaches.</summary>
internal sealed class ForeignAccess(IKubernetesClient client)
{
    public async Task RemoveAsync(
        IKubernetesObject<V1ObjectMeta> invoker,
        string component,
        string repositoryNamespace,
        CancellationToken cancellationToken
    )
    {
        if (!DnsName.IsLabel(repositoryNamespace) || repositoryNamespace == invoker.Metadata.NamespaceProperty)
        {
            return;
        }

        var selector = string.Join(
            ',',
            JobAccess.ForeignLabels(invoker, component).Select(label => $"{label.Key}={label.Value}")
        );
        foreach (
            var binding in await client.ListAsync<V1RoleBinding>(
                repositoryNamespace,
                selector,
                cancellationToken: cancellationToken
            )
        )
        {
            await client.DeleteAsync<V1RoleBinding>(binding.Metadata.Name, repositoryNamespace, cancellationToken);
        }

        foreach (
            var role in await client.ListAsync<V1Role>(
                repositoryNamespace,
                selector,
                cancellationToken: cancellationToken
            )
        )
        {
            await client.DeleteAsync<V1Role>(role.Metadata.Name, repositoryNamespace, cancellationToken);
        }
    }
}
