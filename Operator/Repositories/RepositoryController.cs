using Granary.Api;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Validation;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Repositories;

/// <summary>
/// Says whether a Repository can be used, and tells its users when it has changed. Source: stash-behaviour §2.2.
/// </summary>
[EntityRbac(
    typeof(Repository),
    Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Update | RbacVerb.Patch
)]
[EntityRbac(typeof(BackupConfiguration), typeof(RestoreSession), Verbs = RbacVerb.Get)]
[GenericRbac(Groups = [""], Resources = ["secrets"], Verbs = RbacVerb.Get)]
internal sealed class RepositoryController(
    IKubernetesClient client,
    References references,
    RepositoryLinks links,
    RepositoryGrants grants,
    StatusWriter status,
    EntityQueue<BackupConfiguration> configurations,
    EntityQueue<RestoreSession> restores,
    OperatorOptions options,
    TimeProvider time,
    ILogger<RepositoryController> log
) : IEntityController<Repository>
{
    private static readonly TimeSpan UnreadyPeriod = TimeSpan.FromSeconds(30);

    private static readonly RepositoryValidator Validator = new();

    public Task<ReconciliationResult<Repository>> ReconcileAsync(
        Repository entity,
        CancellationToken cancellationToken
    ) => Reconciling.RunAsync(entity, log, () => ReconcileCoreAsync(entity, cancellationToken));

    /// <summary>Its users learn at once that it is gone.</summary>
    public async Task<ReconciliationResult<Repository>> DeletedAsync(
        Repository entity,
        CancellationToken cancellationToken
    )
    {
        await TellUsersAsync(entity, cancellationToken);
        return ReconciliationResult<Repository>.Success(entity);
    }

    private async Task<ReconciliationResult<Repository>> ReconcileCoreAsync(
        Repository entity,
        CancellationToken cancellationToken
    )
    {
        entity = await client.WithFinalizerAsync(entity, Finalizers.Repository, cancellationToken);

        // Backups write this object's status, too: only a new specification concerns the users. They are told before
        // the generation is noted, so that a crash in between tells them twice rather than never.
        if (entity.Status.ObservedGeneration != entity.Metadata.Generation)
        {
            var gone = await TellUsersAsync(entity, cancellationToken);
            await TellShutOutAsync(
                entity,
                configurations,
                user => BackupInvoker.Of(user).Repository,
                cancellationToken
            );
            await TellShutOutAsync(entity, restores, user => RestoreInvoker.Of(user).Repository, cancellationToken);
            if (gone.Count > 0)
            {
                await links.PruneAsync(entity, gone, cancellationToken);
                entity = await client.GetAsync<Repository>(
                    entity.Metadata.Name,
                    entity.Metadata.NamespaceProperty,
                    cancellationToken
                ) ?? entity;
            }
        }

        await CloseAsync(entity, cancellationToken);
        var draft = StatusWriter.Draft(entity);
        var (isReady, reason, message) = await JudgeAsync(entity, cancellationToken);
        entity.Status.ObservedGeneration = entity.Metadata.Generation;
        Readiness.Set(entity.Status.Conditions, isReady, reason, message, entity.Metadata.Generation, time.GetUtcNow());
        await status.WriteAsync(draft, cancellationToken);
        return ReconciliationResult<Repository>.Success(entity, isReady ? options.ResyncPeriod : UnreadyPeriod);
    }

    /// <summary>
    /// Whoever may not use the Repository any more is no user of it and has no right to it. The labels of a namespace,
    /// by which a policy may choose, change without a word, so each look asks again.
    /// </summary>
    private async Task CloseAsync(Repository entity, CancellationToken cancellationToken)
    {
        var shutOut = new List<TypedObjectReference>();
        foreach (var users in entity.Status.References.GroupBy(reference => reference.Namespace ?? ""))
        {
            if (!await references.MayUseAsync(entity, users.Key, cancellationToken))
            {
                shutOut.AddRange(users);
            }
        }

        if (shutOut.Count > 0)
        {
            await links.PruneAsync(entity, shutOut, cancellationToken);
        }

        if (await grants.SweepAsync(entity, cancellationToken) is var swept and > 0)
        {
            log.GrantsSwept(entity.Metadata.NamespaceProperty, entity.Metadata.Name, swept);
        }
    }

    private async Task<(bool IsReady, string Reason, string Message)> JudgeAsync(
        Repository entity,
        CancellationToken cancellationToken
    )
    {
        var result = Validator.Validate(entity);
        if (!result.IsValid)
        {
            return (false, ConditionReasons.ResourceValidationFailed, result.Describe());
        }

        if (entity.Spec.Backend?.StorageSecretName is not { Length: > 0 } name)
        {
            return (false, ConditionReasons.BackendSecretNotAvailable, "spec.backend.storageSecretName is empty");
        }

        var (secret, _) = await references.FindAsync<V1Secret>(
            name,
            entity.Metadata.NamespaceProperty,
            cancellationToken
        );
        return secret.Finding switch
        {
            Finding.Missing => (false, ConditionReasons.BackendSecretNotAvailable, secret.Message),
            Finding.Unknown => (false, ConditionReasons.UnableToCheckBackendSecretAvailability, secret.Message),
            _ => (true, "Usable", "The specification is valid and its Secret exists."),
        };
    }

    /// <summary>Has each user looked at again.</summary>
    /// <returns>References to objects that no longer exist, or use another Repository now.</returns>
    private async Task<IReadOnlyCollection<TypedObjectReference>> TellUsersAsync(
        Repository entity,
        CancellationToken cancellationToken
    )
    {
        var gone = new List<TypedObjectReference>();
        foreach (var reference in entity.Status.References)
        {
            var exists = reference.Kind switch
            {
                Kinds.BackupConfiguration => await TellAsync(
                    reference,
                    configurations,
                    user => Uses(BackupInvoker.Of(user).Repository, user, entity),
                    cancellationToken
                ),
                Kinds.RestoreSession => await TellAsync(
                    reference,
                    restores,
                    user => Uses(RestoreInvoker.Of(user).Repository, user, entity),
                    cancellationToken
                ),
                _ => true,
            };
            if (!exists)
            {
                log.ReferencePruned(
                    entity.Metadata.NamespaceProperty,
                    entity.Metadata.Name,
                    reference.Kind ?? "",
                    $"{reference.Namespace}/{reference.Name}"
                );
                gone.Add(reference);
            }
        }

        return gone;
    }

    /// <summary>
    /// Has those looked at again that name the Repository and are no users of it, as its policy kept them out so far.
    /// </summary>
    private async Task TellShutOutAsync<TUser>(
        Repository entity,
        EntityQueue<TUser> queue,
        Func<TUser, ObjectReference> named,
        CancellationToken cancellationToken
    )
        where TUser : class, IKubernetesObject<V1ObjectMeta>
    {
        var scope = options.WatchNamespace is { Length: > 0 } only ? only : null;
        foreach (var user in await client.ListAsync<TUser>(scope, cancellationToken: cancellationToken))
        {
            var isUser = entity.Status.References.Exists(known =>
                RepositoryLinks.Same(known, RepositoryLinks.To(user))
            );
            if (!isUser && Uses(named(user), user, entity))
            {
                await queue.WakeAsync(user, cancellationToken);
            }
        }
    }

    /// <summary>Whether an object still names this Repository: it may have been pointed to another one.</summary>
    private static bool Uses(ObjectReference named, IKubernetesObject<V1ObjectMeta> user, Repository repository) =>
        named.Name == repository.Metadata.Name
        && (named.Namespace is { Length: > 0 } other ? other : user.Metadata.NamespaceProperty)
            == repository.Metadata.NamespaceProperty;

    private async Task<bool> TellAsync<TUser>(
        TypedObjectReference reference,
        EntityQueue<TUser> queue,
        Func<TUser, bool> isUser,
        CancellationToken cancellationToken
    )
        where TUser : class, IKubernetesObject<V1ObjectMeta>
    {
        if (
            !DnsName.IsSubdomain(reference.Name)
            || !DnsName.IsLabel(reference.Namespace)
            || await client.GetAsync<TUser>(reference.Name, reference.Namespace, cancellationToken) is not { } user
            || !isUser(user)
        )
        {
            return false;
        }

        await queue.WakeAsync(user, cancellationToken);
        return true;
    }
}
