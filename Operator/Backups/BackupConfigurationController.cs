using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Api.Validation;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Monitoring;
using Granary.Operator.Repositories;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Backups;

/// <summary>
/// Checks what a BackupConfiguration refers to and keeps its trigger CronJob. Source: stash-behaviour §2.3.
/// </summary>
[EntityRbac(
    typeof(BackupConfiguration),
    Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Update | RbacVerb.Patch
)]
[EntityRbac(typeof(Repository), Verbs = RbacVerb.Get)]
[EntityRbac(typeof(AppBinding), Verbs = RbacVerb.Get)]
[GenericRbac(Groups = [""], Resources = ["secrets", "namespaces"], Verbs = RbacVerb.Get)]
[GenericRbac(
    Groups = [""],
    Resources = ["serviceaccounts"],
    Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Patch | RbacVerb.Delete
)]
[GenericRbac(
    Groups = ["batch"],
    Resources = ["cronjobs"],
    Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Patch | RbacVerb.Delete
)]
[GenericRbac(
    Groups = ["rbac.authorization.k8s.io"],
    Resources = ["roles", "rolebindings"],
    Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Create | RbacVerb.Patch | RbacVerb.Delete
)]
internal sealed class BackupConfigurationController(
    IKubernetesClient client,
    References references,
    RepositoryLinks links,
    ChildObjects children,
    TriggerHealth triggers,
    StatusWriter status,
    Announcer announcer,
    OperatorOptions options,
    TimeProvider time,
    ILogger<BackupConfigurationController> log
) : IEntityController<BackupConfiguration>
{
    /// <summary>A usage policy may open through a namespace's labels, which nothing tells of.</summary>
    private static readonly TimeSpan InvalidPeriod = TimeSpan.FromSeconds(30);

    private static readonly BackupConfigurationValidator Validator = new();

    public Task<ReconciliationResult<BackupConfiguration>> ReconcileAsync(
        BackupConfiguration entity,
        CancellationToken cancellationToken
    ) => Reconciling.RunAsync(entity, log, () => ReconcileCoreAsync(entity, cancellationToken));

    public Task<ReconciliationResult<BackupConfiguration>> DeletedAsync(
        BackupConfiguration entity,
        CancellationToken cancellationToken
    )
    {
        TriggerHealth.Forget(entity.Metadata.NamespaceProperty, entity.Metadata.Name);
        return Task.FromResult(ReconciliationResult<BackupConfiguration>.Success(entity));
    }

    private async Task<ReconciliationResult<BackupConfiguration>> ReconcileCoreAsync(
        BackupConfiguration entity,
        CancellationToken cancellationToken
    )
    {
        entity = await client.WithFinalizerAsync(entity, Finalizers.Invoker, cancellationToken);
        var invoker = BackupInvoker.Of(entity);
        var draft = StatusWriter.Draft(entity);
        var before = entity.Status.Phase;
        var now = time.GetUtcNow();

        var targets = invoker.Members.Select(member => member.Target);
        var found = await references.ReadAsync(
            invoker.Namespace,
            invoker.Repository,
            targets,
            Problems(entity),
            cancellationToken
        );
        if (found.Repository is { } repository)
        {
            await links.AddAsync(repository, entity, cancellationToken);
        }

        var conditions = entity.Status.Conditions;
        found.Prerequisites.Record(conditions, ConditionTypes.BackupTargetFound, now, entity.Metadata.Generation);
        if (found.Prerequisites.AreMet)
        {
            await EnsureTriggerAsync(entity, invoker, now, cancellationToken);
        }

        var failing = await TriggerTroubleAsync(entity, invoker, now, cancellationToken);
        var phase = InvokerPhaseRules.Of(invoker.Driver, conditions);
        var message =
            phase != InvokerPhase.Ready ? Readiness.Trouble(conditions)
            : failing is null ? "Backups run on schedule."
            : $"The schedule makes no sessions: {failing}";
        var isReady = phase == InvokerPhase.Ready && failing is null;
        entity.Status.Phase = phase;
        entity.Status.ObservedGeneration = entity.Metadata.Generation;
        var reason = phase == InvokerPhase.Ready && !isReady ? ConditionReasons.TriggerJobFailed : phase;
        Readiness.Set(conditions, isReady, reason, message, entity.Metadata.Generation, now);
        await status.WriteAsync(draft, cancellationToken);
        await announcer.PhaseAsync(entity, before, phase, message, phase != InvokerPhase.Ready, cancellationToken);
        return ReconciliationResult<BackupConfiguration>.Success(
            entity,
            phase switch
            {
                InvokerPhase.Ready => options.ResyncPeriod,
                InvokerPhase.Invalid => InvalidPeriod,
                _ => Prerequisites.Patience,
            }
        );
    }

    private static IReadOnlyList<string> Problems(BackupConfiguration entity)
    {
        var failures = Validator.Validate(entity).Errors.Concat(UnsupportedFeatures.Of(entity)).ToList();
        return failures.Count == 0 ? [] : [failures.Describe()];
    }

    private async Task EnsureTriggerAsync(
        BackupConfiguration entity,
        BackupInvoker invoker,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var failure = await TryEnsureTriggerAsync(invoker, cancellationToken);
        entity.Status.Conditions.Set(
            ConditionTypes.CronJobCreated,
            failure is null,
            failure is null ? ConditionReasons.CronJobCreationSucceeded : ConditionReasons.CronJobCreationFailed,
            failure ?? $"CronJob {TriggerCronJob.NameFor(invoker)} is up to date.",
            now,
            entity.Metadata.Generation
        );
        if (failure is not null)
        {
            log.CronJobRefused(invoker.Kind, invoker.Namespace, invoker.Name, failure);
            await announcer.WarnAsync(entity, "CronJob Creation Failed", failure, cancellationToken);
        }
    }

    /// <summary>The condition is only there once a trigger has failed; one that is mended stays to say so.</summary>
    /// <returns>Why the schedule makes no sessions; null when it does.</returns>
    private async Task<string?> TriggerTroubleAsync(
        BackupConfiguration entity,
        BackupInvoker invoker,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var conditions = entity.Status.Conditions;
        var trouble = await triggers.TroubleAsync(invoker, cancellationToken);
        if (trouble is null && !conditions.Has(ConditionTypes.BackupTriggered))
        {
            return null;
        }

        var changed = conditions.Set(
            ConditionTypes.BackupTriggered,
            trouble is null,
            trouble is null ? ConditionReasons.TriggerJobSucceeded : ConditionReasons.TriggerJobFailed,
            trouble ?? "The schedule makes sessions again.",
            now,
            entity.Metadata.Generation
        );
        if (changed && trouble is not null)
        {
            await announcer.WarnAsync(entity, ConditionReasons.TriggerJobFailed, trouble, cancellationToken);
        }

        return trouble;
    }

    /// <returns>Why the API server does not take it; null when all is in place.</returns>
    private async Task<string?> TryEnsureTriggerAsync(BackupInvoker invoker, CancellationToken cancellationToken)
    {
        try
        {
            var access = JobAccess.ForTrigger(
                invoker.Owner,
                TriggerCronJob.NameFor(invoker),
                invoker.TriggerSettings?.Pod
            );
            await RemoveFormerTriggersAsync(invoker, cancellationToken);
            await access.EnsureAsync(children, cancellationToken);
            await children.EnsureAsync(
                TriggerCronJob.Build(invoker, access.ServiceAccountName, options),
                cancellationToken
            );
            return null;
        }
        catch (ForeignObjectException e)
        {
            return e.Message;
        }
        catch (HttpOperationException e) when (ApiFailure.IsRefusal(e))
        {
            return ApiFailure.Describe(e);
        }
    }

    /// <summary>One that stayed under another name would make a second session at each slot.</summary>
    private async Task RemoveFormerTriggersAsync(BackupInvoker invoker, CancellationToken cancellationToken)
    {
        var current = TriggerCronJob.NameFor(invoker);
        foreach (var name in ObjectNames.FormerTriggerCronJobs(invoker.Name, invoker.Namespace, current))
        {
            if (await children.RemoveAsync<V1CronJob>(name, invoker.Owner, cancellationToken))
            {
                await children.RemoveAsync<V1RoleBinding>(name, invoker.Owner, cancellationToken);
                await children.RemoveAsync<V1ServiceAccount>(name, invoker.Owner, cancellationToken);
            }
        }
    }
}
