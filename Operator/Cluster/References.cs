using System.Net;
using Granary.Api;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Cluster;

/// <summary>What one reconcile read of the objects that an invoker refers to.</summary>
/// <param name="Repository">Null when it is not there, or may not be used from the invoker's namespace.</param>
internal sealed record ReferencedObjects(
    Prerequisites Prerequisites,
    Repository? Repository,
    IReadOnlyList<AppBinding> AppBindings
)
{
    public AppBinding? AppBindingOf(TargetRef target) =>
        AppBindings.FirstOrDefault(one =>
            Targets.IsAppBinding(target)
            && one.Metadata.Name == target.Name
            && one.Metadata.NamespaceProperty == target.Namespace
        );
}

/// <summary>Reads the objects that an invoker or restore refers to, and says which of them are missing.</summary>
internal sealed class References(IKubernetesClient client)
{
    /// <param name="problems">What is wrong with the object in itself.</param>
    public async Task<ReferencedObjects> ReadAsync(
        string ownNamespace,
        ObjectReference repository,
        IEnumerable<TargetRef> targets,
        IReadOnlyList<string> problems,
        CancellationToken cancellationToken
    )
    {
        var home = repository.Namespace is { Length: > 0 } other ? other : ownNamespace;
        var (found, stored) = await FindAsync<Repository>(repository.Name, home, cancellationToken);
        if (stored?.Metadata.DeletionTimestamp is not null)
        {
            found = new Lookup(Finding.Missing, $"Repository {home}/{repository.Name} is being deleted.");
        }

        var policy =
            found.IsFound && stored is not null && !await MayUseAsync(stored, ownNamespace, cancellationToken)
                ? $"spec.repository: namespace {ownNamespace} is not allowed to use Repository "
                    + $"{home}/{repository.Name} (its usagePolicy decides)"
                : null;
        var secret =
            policy is not null
                ? new Lookup(Finding.Forbidden, "The Secret of a Repository is for those who may use it.")
            : found.IsFound && stored?.Spec.Backend?.StorageSecretName is { Length: > 0 } name
                ? (await FindAsync<V1Secret>(name, home, cancellationToken)).Lookup
            : new Lookup(
                Finding.Missing,
                $"Repository {home}/{repository.Name} names no spec.backend.storageSecretName."
            );
        var (target, appBindings) = await FindTargetsAsync(targets, cancellationToken);
        IReadOnlyList<string> all = policy is null ? problems : [.. problems, policy];
        return new ReferencedObjects(
            new Prerequisites(found, secret, all, target),
            found.IsFound && policy is null ? stored : null,
            appBindings
        );
    }

    /// <summary>One object by name, with the words that a condition needs.</summary>
    public async Task<(Lookup Lookup, TEntity? Object)> FindAsync<TEntity>(
        string name,
        string @namespace,
        CancellationToken cancellationToken
    )
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = KubernetesKind<TEntity>();
        var what = $"{kind} {@namespace}/{name}";
        if (string.IsNullOrEmpty(name))
        {
            return (new Lookup(Finding.Missing, $"No {kind} is named."), null);
        }

        if (!DnsName.IsSubdomain(name) || !DnsName.IsLabel(@namespace))
        {
            // It may be a path to something else: no request is made with it.
            var shown = $"{DnsName.Shown(@namespace)}/{DnsName.Shown(name)}";
            return (new Lookup(Finding.Missing, $"{kind} \"{shown}\" cannot exist: that is not a name."), null);
        }

        try
        {
            var found = await client.GetAsync<TEntity>(name, @namespace, cancellationToken);
            return found is null
                ? (new Lookup(Finding.Missing, $"{what} does not exist."), null)
                : (new Lookup(Finding.Found, $"{what} exists."), found);
        }
        catch (HttpOperationException e) when (e.Response?.StatusCode == HttpStatusCode.Forbidden)
        {
            return (new Lookup(Finding.Forbidden, $"The operator may not read {what}."), null);
        }
        catch (HttpOperationException e)
        {
            return (new Lookup(Finding.Unknown, $"{what} cannot be read: {ApiFailure.Describe(e)}"), null);
        }
    }

    /// <summary>Whether a Repository's usage policy lets a namespace use it.</summary>
    public async Task<bool> MayUseAsync(Repository repository, string @namespace, CancellationToken cancellationToken)
    {
        var policy = repository.Spec.UsagePolicy;
        IDictionary<string, string>? labels = null;
        if (policy?.AllowedNamespaces?.From == NamespacesFrom.Selector)
        {
            var referring = await client.GetAsync<V1Namespace>(@namespace, cancellationToken: cancellationToken);
            labels = referring?.Metadata.Labels;
        }

        return UsagePolicy.Allows(policy, repository.Metadata.NamespaceProperty, @namespace, labels);
    }

    private async Task<(Lookup Lookup, IReadOnlyList<AppBinding> Found)> FindTargetsAsync(
        IEnumerable<TargetRef> targets,
        CancellationToken cancellationToken
    )
    {
        var appBindings = new List<AppBinding>();
        Lookup? missing = null;
        foreach (var target in targets.Where(Targets.IsAppBinding))
        {
            var (lookup, found) = await FindAsync<AppBinding>(
                target.Name ?? "",
                target.Namespace ?? "",
                cancellationToken
            );
            if (found is null)
            {
                missing ??= lookup;
            }
            else
            {
                appBindings.Add(found);
            }
        }

        return (missing ?? new Lookup(Finding.Found, "Every target exists."), appBindings);
    }

    private static string KubernetesKind<TEntity>() =>
        typeof(TEntity).GetCustomAttributes(typeof(KubernetesEntityAttribute), inherit: false)
            is [KubernetesEntityAttribute kind]
            ? kind.Kind
            : typeof(TEntity).Name;
}
