using k8s;
using k8s.Models;
using KubeOps.Abstractions.Events;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Logging;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Events;

/// <summary>Makes publishers that create an event, or count it up when it is there.</summary>
internal sealed class KubeOpsEventPublisherFactory(
    IKubernetesClient client,
    IEventResourceFactory events,
    TimeProvider time,
    ILogger<EventPublisher> logger
) : IEventPublisherFactory
{
    /// <inheritdoc />
    public EventPublisher Create() => PublishAsync;

    private async Task PublishAsync(
        IKubernetesObject<V1ObjectMeta> entity,
        string reason,
        string message,
        EventType type,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var wished = events.CreateEvent(entity, reason, message, type);
            var existing = await client.GetAsync<Corev1Event>(wished.Name(), wished.Namespace(), cancellationToken);
            if (existing is null)
            {
                await client.CreateAsync(wished, cancellationToken);
                return;
            }

            existing.Count = (existing.Count ?? 0) + 1;
            existing.LastTimestamp = time.GetUtcNow().UtcDateTime;
            await client.UpdateAsync(existing, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            // An event is news for people; its loss must not fail the work that it tells of.
            logger.EventFailed(e, reason, entity.ToIdentifierString());
        }
    }
}
