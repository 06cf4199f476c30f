using System.Net;
using Granary.Engine;
using k8s.Autorest;
using Microsoft.Extensions.Logging;

namespace Granary.Worker.Cluster;

/// <summary>Answers whether the Pod that took a lock is gone for good.</summary>
/// <param name="cluster">The API server.</param>
/// <param name="ownUser">Our own user name in locks; names the cluster.</param>
/// <param name="log">Is told of doubts.</param>
internal sealed class PodLiveness(ClusterClient cluster, string ownUser, ILogger log)
{
    /// <summary>Whether the lock's owner is known to be gone. In doubt it is not.</summary>
    public async ValueTask<bool> IsOwnerGoneAsync(LockHolder holder, CancellationToken cancellationToken)
    {
        if (
            holder.Pod?.Split('/') is not [var @namespace, var name]
            || holder.PodUid is not { Length: > 0 } uid
            || !ClusterIdentity.IsOurs(holder.Username, ownUser)
        )
        {
            return false;
        }

        try
        {
            var pod = await cluster.FindPodAsync(@namespace, name, cancellationToken);
            var isGone = pod is null || pod.Metadata.Uid != uid || pod.Status?.Phase is "Succeeded" or "Failed";
            if (isGone)
            {
                log.LockOwnerGone(holder.ToString());
            }

            return isGone;
        }
        catch (Exception e)
            when (e
                    is HttpOperationException { Response.StatusCode: not HttpStatusCode.NotFound }
                        or HttpRequestException
            )
        {
            log.LockOwnerUnknown(holder.ToString(), e.Message);
            return false;
        }
    }
}
