using Granary.Operator.Cluster;
using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Jobs;

/// <summary>Observes a Job and its Pods, and stops Jobs.</summary>
internal sealed class JobReader(IKubernetesClient client)
{
    /// <summary>Label that the Job controller puts on the Pods it makes.</summary>
    private const string JobNameLabel = "batch.kubernetes.io/job-name";

    /// <param name="owner">A Job of this name that belongs to someone else is as good as missing.</param>
    public async Task<JobObservation> ObserveAsync(
        string name,
        IKubernetesObject<V1ObjectMeta> owner,
        CancellationToken cancellationToken
    )
    {
        var @namespace = owner.Metadata.NamespaceProperty;
        var job = await client.GetAsync<V1Job>(name, @namespace, cancellationToken);
        if (job is null || !Ownership.IsOwnedBy(job, owner))
        {
            return JobObservation.Missing(name);
        }

        var pods = await client.ListAsync<V1Pod>(
            @namespace,
            $"{JobNameLabel}={name}",
            cancellationToken: cancellationToken
        );
        return JobObservation.Of(job, pods);
    }

    /// <summary>Stops a Job and its Pods; one that is gone already is fine.</summary>
    public async Task StopAsync(string name, string @namespace, CancellationToken cancellationToken)
    {
        try
        {
            await client.ApiClient.BatchV1.DeleteNamespacedJobAsync(
                name,
                @namespace,
                propagationPolicy: "Background",
                cancellationToken: cancellationToken
            );
        }
        catch (k8s.Autorest.HttpOperationException e) when (ApiFailure.IsNotFound(e))
        {
            // Someone else stopped it.
        }
    }
}
