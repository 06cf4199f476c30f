using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Operator.Cluster;
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
    RepositoryGrants grants,
    OperatorOptions options
)
{
    /// <returns>Null when the Job is there; else why it cannot be made, which trying again would not change.</returns>
    public Task<string?> StartAsync(JobSpec spec, CancellationToken cancellationToken) =>
        ExplainAsync(async () =>
        {
            var surroundings = await ReadSurroundingsAsync(spec, cancellationToken);
            var (chosen, variables) = spec.Choose(surroundings);
            var task = await tasks.ResolveAsync(chosen, variables, cancellationToken);
            var access = JobAccess.ForJob(
                spec.Invoker,
                spec.Index,
                spec.Name,
                spec.ClusterRole,
                spec.Component,
                spec.RuntimeSettings?.Pod,
                surroundings.Repository
            );
            await access.EnsureAsync(children, cancellationToken);
            var job = SessionJob.Build(
                new SessionJobRequest
                {
                    Owner = spec.Owner,
                    Name = spec.Name,
                    Labels = Labels.Offshoot(spec.Invoker.Metadata.Labels, spec.Component),
                    ServiceAccount = access.ServiceAccountName,
                    Task = task,
                    Surroundings = surroundings,
                    RuntimeSettings = spec.RuntimeSettings,
                    TempDir = spec.TempDir,
                    InterimClaim = await EnsureClaimAsync(spec.Owner, spec.InterimVolume, cancellationToken),
                }
            );
            await children.EnsureJobAsync(job, cancellationToken);
        });

    /// <summary>Takes away what a Job had only while it ran: rights in the namespace of its Repository.</summary>
    public Task ReleaseAsync(
        string jobName,
        string jobNamespace,
        string repositoryNamespace,
        CancellationToken cancellationToken
    ) => grants.RevokeAsync(jobName, jobNamespace, repositoryNamespace, cancellationToken);

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

    private async Task<JobSurroundings> ReadSurroundingsAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        var ownNamespace = spec.Invoker.Metadata.NamespaceProperty;
        var found = await references.ReadAsync(ownNamespace, spec.Repository, [spec.Target], [], cancellationToken);
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

        var appBinding = found.AppBindingOf(spec.Target);
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
        var stored = await client.GetAsync<V1PersistentVolumeClaim>(claim.Metadata.Name, @namespace, cancellationToken);
        if (stored is null)
        {
            await client.CreateAsync(claim, cancellationToken);
        }
        else if (!Ownership.IsOwnedBy(stored, owner))
        {
            throw new ForeignObjectException(
                $"PersistentVolumeClaim {claim.Metadata.Name} exists already and was not made for {owner.Kind}"
                    + $" {owner.Metadata.Name}; delete it, or change the name in spec.interimVolumeTemplate"
            );
        }

        return claim.Metadata.Name;
    }
}
