using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Backups;
using Granary.Operator.Cluster;
using Granary.Operator.Restores;
using Granary.Operator.Tasks;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Jobs;

/// <summary>Makes the Job of one target and everything it needs. Repeating it finds what was made before.</summary>
internal sealed class JobStarter(
    IKubernetesClient client,
    References references,
    TaskReader tasks,
    ChildObjects children,
    OperatorOptions options
)
{
    /// <returns>Null when the Job is there; else why it cannot be made, which trying again would not change.</returns>
    public Task<string?> StartBackupAsync(
        BackupSession session,
        BackupInvoker invoker,
        BackupMember member,
        CancellationToken cancellationToken
    ) =>
        ExplainAsync(async () =>
        {
            var surroundings = await ReadSurroundingsAsync(
                invoker.Namespace,
                invoker.Repository,
                member.Target,
                cancellationToken
            );
            var chosen = TaskChoice.ForBackup(member.Template.Task, surroundings.AppBinding);
            var variables = VariableCatalogue.ForBackup(invoker, member, session.Metadata.Name, surroundings, chosen);
            var task = await tasks.ResolveAsync(chosen, variables, cancellationToken);
            var settings = member.Template.RuntimeSettings;
            var access = JobAccess.ForJob(
                invoker.Owner,
                member.Index,
                ClusterRoleNames.BackupJob,
                Labels.BackupComponent,
                settings?.Pod,
                surroundings.Repository
            );
            await children.EnsureAsync(access, cancellationToken);
            await children.EnsureJobAsync(
                SessionJob.Build(
                    new SessionJobRequest
                    {
                        Owner = session,
                        Name = ObjectNames.BackupJob(session.Metadata.Name, member.Index),
                        Labels = Labels.Offshoot(invoker.Owner.Metadata.Labels, Labels.BackupComponent),
                        ServiceAccount = access.ServiceAccountName,
                        Task = task,
                        Surroundings = surroundings,
                        RuntimeSettings = settings,
                        TempDir = member.Template.TempDir,
                        InterimClaim = await EnsureClaimAsync(
                            session,
                            member.Template.InterimVolumeTemplate,
                            cancellationToken
                        ),
                    }
                ),
                cancellationToken
            );
        });

    /// <inheritdoc cref="StartBackupAsync"/>
    public Task<string?> StartRestoreAsync(
        RestoreInvoker invoker,
        RestoreMember member,
        CancellationToken cancellationToken
    ) =>
        ExplainAsync(async () =>
        {
            var source = RestoreSource.For(member)
                ?? throw new TaskResolutionException(
                    $"no rule is for host {member.ReportedHost}: nothing would be restored; name it in targetHosts, "
                        + "or give a rule without targetHosts"
                );
            var surroundings = await ReadSurroundingsAsync(
                invoker.Namespace,
                invoker.Repository,
                member.Target,
                cancellationToken
            );
            var chosen = TaskChoice.ForRestore(member.Template.Task, surroundings.AppBinding);
            var variables = VariableCatalogue.ForRestore(invoker, member, source, surroundings, chosen);
            var task = await tasks.ResolveAsync(chosen, variables, cancellationToken);
            var settings = member.Template.RuntimeSettings;
            var access = JobAccess.ForJob(
                invoker.Owner,
                member.Index,
                ClusterRoleNames.RestoreJob,
                Labels.RestoreComponent,
                settings?.Pod,
                surroundings.Repository
            );
            await children.EnsureAsync(access, cancellationToken);
            await children.EnsureJobAsync(
                SessionJob.Build(
                    new SessionJobRequest
                    {
                        Owner = invoker.Owner,
                        Name = ObjectNames.RestoreJob(invoker.Name, member.Index),
                        Labels = Labels.Offshoot(invoker.Owner.Metadata.Labels, Labels.RestoreComponent),
                        ServiceAccount = access.ServiceAccountName,
                        Task = task,
                        Surroundings = surroundings,
                        RuntimeSettings = settings,
                        TempDir = member.Template.TempDir,
                        InterimClaim = await EnsureClaimAsync(
                            invoker.Owner,
                            member.Template.InterimVolumeTemplate,
                            cancellationToken
                        ),
                    }
                ),
                cancellationToken
            );
        });

    /// <summary>
    /// What cannot be helped by trying again becomes a message; everything else flies on and is tried again.
    /// </summary>
    private static async Task<string?> ExplainAsync(Func<Task> start)
    {
        try
        {
            await start();
            return null;
        }
        catch (TaskResolutionException e)
        {
            return e.Message;
        }
        catch (ForeignObjectException e)
        {
            return e.Message;
        }
        catch (HttpOperationException e) when (ApiFailure.IsRefusal(e))
        {
            return $"the API server refuses: {ApiFailure.Describe(e)}";
        }
    }

    private async Task<JobSurroundings> ReadSurroundingsAsync(
        string ownNamespace,
        ObjectReference repository,
        TargetRef target,
        CancellationToken cancellationToken
    )
    {
        var found = await references.ReadAsync(ownNamespace, repository, [target], [], cancellationToken);
        if (found.Repository is not { } stored || !found.Prerequisites.AreMet)
        {
            var checks = found.Prerequisites;
            var trouble = new[] { checks.Repository, checks.Secret, checks.Target }.FirstOrDefault(one => !one.IsFound);
            throw trouble.Finding == Finding.Unknown
                ? new HttpOperationException(trouble.Message)
                : new TaskResolutionException(
                    checks.Problems.Count > 0 ? string.Join("; ", checks.Problems) : trouble.Message
                );
        }

        var appBinding = found.AppBindingOf(target);
        await CheckDatabaseSecretsAsync(appBinding, ownNamespace, cancellationToken);
        return new JobSurroundings(stored, appBinding, options);
    }

    /// <summary>A Job whose Secret is missing would fail with less to say.</summary>
    private async Task CheckDatabaseSecretsAsync(
        AppBinding? appBinding,
        string ownNamespace,
        CancellationToken cancellationToken
    )
    {
        if (appBinding is null || appBinding.Metadata.NamespaceProperty != ownNamespace)
        {
            return;
        }

        foreach (var name in new[] { appBinding.Spec.Secret?.Name, appBinding.Spec.TlsSecret?.Name }.OfType<string>())
        {
            if (
                (await references.FindAsync<V1Secret>(name, ownNamespace, cancellationToken)).Lookup is
                { Finding: Finding.Missing } missing
            )
            {
                throw new TaskResolutionException($"AppBinding {appBinding.Metadata.Name}: {missing.Message}");
            }
        }
    }

    private async Task<string?> EnsureClaimAsync(
        IKubernetesObject<V1ObjectMeta> owner,
        PersistentVolumeClaimTemplate? template,
        CancellationToken cancellationToken
    )
    {
        if (template is null)
        {
            return null;
        }

        var claim = InterimClaim.Build(owner, template);
        var @namespace = claim.Metadata.NamespaceProperty;
        if (await client.GetAsync<V1PersistentVolumeClaim>(claim.Metadata.Name, @namespace, cancellationToken) is null)
        {
            await client.CreateAsync(claim, cancellationToken);
        }

        return claim.Metadata.Name;
    }
}
