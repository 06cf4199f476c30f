using Granary.Api;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Operator.Cluster;
using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Jobs;

/// <summary>
/// Takes away the rights that Jobs of other namespaces have to a Repository. A right lives as long as its Job: whoever
/// ends the Job revokes it at once, and each look at the Repository sweeps what was left.
/// </summary>
internal sealed class RepositoryGrants(IKubernetesClient client, References references, TimeProvider time)
{
    /// <summary>A right is made right before its Job; the operator may stop for a while in between.</summary>
    private static readonly TimeSpan UntilJob = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether something of another namespace's may lie in a Repository's namespace. What is no name cannot hold any.
    /// </summary>
    public static bool IsElsewhere(string repositoryNamespace, string ownNamespace) =>
        DnsName.IsLabel(repositoryNamespace) && repositoryNamespace != ownNamespace;

    /// <summary>Takes away what one Job has in the Repository's namespace; nothing there is fine.</summary>
    public async Task RevokeAsync(
        string jobName,
        string jobNamespace,
        string repositoryNamespace,
        CancellationToken cancellationToken
    )
    {
        if (IsElsewhere(repositoryNamespace, jobNamespace))
        {
            await RemoveAsync(
                ObjectNames.RepositoryRole(jobNamespace, jobName),
                repositoryNamespace,
                cancellationToken
            );
        }
    }

    /// <summary>Takes away what all Jobs of an invoker have in that namespace.</summary>
    public async Task RevokeAllAsync(
        IKubernetesObject<V1ObjectMeta> invoker,
        string repositoryNamespace,
        CancellationToken cancellationToken
    )
    {
        if (!IsElsewhere(repositoryNamespace, invoker.Metadata.NamespaceProperty))
        {
            return;
        }

        var selector = $"{Labels.InvokerUid}={invoker.Metadata.Uid}";
        var roles = await client.ListAsync<V1Role>(repositoryNamespace, selector, cancellationToken: cancellationToken);
        foreach (var role in roles)
        {
            await RemoveAsync(role.Metadata.Name, repositoryNamespace, cancellationToken);
        }
    }

    /// <summary>
    /// Takes away the rights to a Repository whose Job is over or gone, and those of namespaces that may not use it
    /// any more.
    /// </summary>
    /// <returns>How many were taken away.</returns>
    public async Task<int> SweepAsync(Repository repository, CancellationToken cancellationToken)
    {
        var home = repository.Metadata.NamespaceProperty;
        var roles = await client.ListAsync<V1Role>(home, Labels.InvokerNamespace, cancellationToken: cancellationToken);
        var over = 0;
        foreach (var role in roles)
        {
            var granted = role.GetAnnotation(Annotations.GrantedRepository);
            if (
                (granted is null || granted == repository.Metadata.Name)
                && await IsOverAsync(role, repository, cancellationToken)
            )
            {
                await RemoveAsync(role.Metadata.Name, home, cancellationToken);
                over++;
            }
        }

        return over;
    }

    /// <summary>Whether a right has outlived its use.</summary>
    /// <param name="role">The right.</param>
    /// <param name="job">The Job that it serves; null when there is none.</param>
    /// <param name="isAllowed">Whether the usage policy lets the Job's namespace use the Repository.</param>
    /// <param name="now">The time.</param>
    private static bool IsOver(V1Role role, V1Job? job, bool isAllowed, DateTime now)
    {
        if (!isAllowed)
        {
            return true;
        }

        return job is null
            ? now - (role.Metadata.CreationTimestamp ?? DateTime.UnixEpoch) > UntilJob
            : JobObservation.HasEnded(job);
    }

    private async Task<bool> IsOverAsync(V1Role role, Repository repository, CancellationToken cancellationToken)
    {
        // A right without the annotation is of the time when rights outlived their Jobs.
        if (
            repository.Metadata.DeletionTimestamp is not null
            || role.GetAnnotation(Annotations.ServedJob)?.Split('/') is not [var @namespace, var name]
            || !DnsName.IsLabel(@namespace)
            || !DnsName.IsSubdomain(name)
        )
        {
            return true;
        }

        var isAllowed = await references.MayUseAsync(repository, @namespace, cancellationToken);
        var job = isAllowed ? await client.GetAsync<V1Job>(name, @namespace, cancellationToken) : null;
        return IsOver(role, job, isAllowed, time.GetUtcNow().UtcDateTime);
    }

    /// <summary>The binding goes first, so that the Role is still there to be found when this is cut short.</summary>
    private async Task RemoveAsync(string name, string @namespace, CancellationToken cancellationToken)
    {
        await client.DeleteAsync<V1RoleBinding>(name, @namespace, cancellationToken);
        await client.DeleteAsync<V1Role>(name, @namespace, cancellationToken);
    }
}
