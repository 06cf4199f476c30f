using Granary.Operator.Cluster;
using k8s;
using k8s.Autorest;
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
        var seen = JobObservation.Of(job, pods);
        if (pods.Count > 0 && (seen.State != JobState.Active || seen.Trouble is { IsFinal: true }))
        {
            return seen;
        }

        var hidden =
            pods.Count == 0
                ? await RefusalAsync(job, cancellationToken)
                : await NodeTroubleAsync(pods, cancellationToken);
        return hidden is null ? seen : seen with { Trouble = hidden };
    }

    /// <summary>Only the Job's Events know why its Pod may not be made.</summary>
    private async Task<PodDiagnosis?> RefusalAsync(V1Job job, CancellationToken cancellationToken)
    {
        var events = await client.ApiClient.CoreV1.ListNamespacedEventAsync(
            job.Metadata.NamespaceProperty,
            fieldSelector: $"involvedObject.uid={job.Metadata.Uid},reason=FailedCreate",
            cancellationToken: cancellationToken
        );
        var newest = events.Items.MaxBy(one =>
            one.Series?.LastObservedTime ?? one.LastTimestamp ?? one.EventTime ?? one.Metadata.CreationTimestamp
        );
        return newest is null
            ? null
            : new PodDiagnosis(
                PodCause.NotCreated,
                $"Job {job.Metadata.Name} may not create its Pod: {newest.Message?.Trim()}"
            );
    }

    /// <summary>A node that does not report says nothing of its Pods either: they seem to run.</summary>
    private async Task<PodDiagnosis?> NodeTroubleAsync(IEnumerable<V1Pod> pods, CancellationToken cancellationToken)
    {
        foreach (var pod in pods.Where(pod => pod.Status?.Phase is not ("Succeeded" or "Failed")))
        {
            if (
                pod.Spec?.NodeName is { Length: > 0 } name
                && await ReadNodeAsync(name, cancellationToken) is { } node
                && PodDiagnosis.Of(node, pod) is { } trouble
            )
            {
                return trouble;
            }
        }

        return null;
    }

    /// <summary>Null when there is no such node, or when the operator may not read it: then none is accused.</summary>
    private async Task<V1Node?> ReadNodeAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync<V1Node>(name, cancellationToken: cancellationToken);
        }
        catch (HttpOperationException e) when (ApiFailure.IsRefusal(e))
        {
            return null;
        }
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
        catch (HttpOperationException e) when (ApiFailure.IsNotFound(e))
        {
            // Someone else stopped it.
        }
    }
}
