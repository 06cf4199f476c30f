using Granary.Api;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Operator.Cluster;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Repositories;

/// <summary>
/// Keeps <c>Repository.status.references</c>: who uses a Repository, so that its changes reach them (§2.2).
/// </summary>
internal sealed class RepositoryLinks(IKubernetesClient client, StatusWriter status)
{
    /// <summary>
    /// Many invokers of one Repository start at one time, each adding itself; more tries than that mean another
    /// trouble.
    /// </summary>
    private const int Tries = 8;

    public static TypedObjectReference To(IKubernetesObject<V1ObjectMeta> user) =>
        new()
        {
            ApiGroup = Kinds.StashGroup,
            Kind = user.Kind,
            Name = user.Metadata.Name,
            Namespace = user.Metadata.NamespaceProperty,
        };

    public static bool Same(TypedObjectReference one, TypedObjectReference other) =>
        one.Kind == other.Kind && one.Name == other.Name && one.Namespace == other.Namespace;

    public Task AddAsync(
        Repository repository,
        IKubernetesObject<V1ObjectMeta> user,
        CancellationToken cancellationToken
    ) => ChangeAsync(repository, references => With(references, To(user)), cancellationToken);

    /// <summary>A Repository that is gone already needs no change.</summary>
    public async Task RemoveAsync(
        string name,
        string @namespace,
        IKubernetesObject<V1ObjectMeta> user,
        CancellationToken cancellationToken
    )
    {
        if (
            DnsName.IsSubdomain(name)
            && DnsName.IsLabel(@namespace)
            && await client.GetAsync<Repository>(name, @namespace, cancellationToken) is { } repository
        )
        {
            await ChangeAsync(repository, references => Without(references, [To(user)]), cancellationToken);
        }
    }

    /// <summary>Takes out references to objects that no longer exist.</summary>
    public Task PruneAsync(
        Repository repository,
        IReadOnlyCollection<TypedObjectReference> gone,
        CancellationToken cancellationToken
    ) => ChangeAsync(repository, references => Without(references, gone), cancellationToken);

    private static List<TypedObjectReference> With(List<TypedObjectReference> references, TypedObjectReference added) =>
        references.Exists(known => Same(known, added)) ? references : [.. references, added];

    private static List<TypedObjectReference> Without(
        List<TypedObjectReference> references,
        IReadOnlyCollection<TypedObjectReference> gone
    ) => [.. references.Where(known => !gone.Any(one => Same(known, one)))];

    private async Task ChangeAsync(
        Repository repository,
        Func<List<TypedObjectReference>, List<TypedObjectReference>> change,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            var draft = StatusWriter.Draft(repository);
            repository.Status.References = change(repository.Status.References);
            try
            {
                await status.WriteAsync(draft, cancellationToken);
                return;
            }
            catch (HttpOperationException e) when (StatusWriter.IsConflict(e) && attempt < Tries)
            {
                var name = repository.Metadata.Name;
                if (
                    await client.GetAsync<Repository>(name, repository.Metadata.NamespaceProperty, cancellationToken)
                    is not { } current
                )
                {
                    return;
                }

                repository = current;
            }
        }
    }
}
