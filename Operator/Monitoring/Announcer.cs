using k8s;
using k8s.Models;
using KubeOps.Abstractions.Events;

namespace Granary.Operator.Monitoring;

/// <summary>
/// Tells users and administrators of transitions: one Event and one log line for each, after the status was written.
/// </summary>
internal sealed class Announcer(EventPublisher publish, ILogger<Announcer> log)
{
    /// <summary>Announces a phase if it is another one than before.</summary>
    /// <param name="isTrouble">Whether the Event is a warning.</param>
    public async Task PhaseAsync<TEntity>(
        TEntity entity,
        string? before,
        string? after,
        string message,
        bool isTrouble,
        CancellationToken cancellationToken
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        if (before == after || string.IsNullOrEmpty(after))
        {
            return;
        }

        log.PhaseChanged(
            entity.Kind ?? typeof(TEntity).Name,
            entity.Metadata.NamespaceProperty,
            entity.Metadata.Name,
            before ?? "new",
            after,
            message
        );
        await WarnOrTellAsync(entity, after, message, isTrouble, cancellationToken);
    }

    public Task WarnAsync<TEntity>(TEntity entity, string reason, string message, CancellationToken cancellationToken)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        WarnOrTellAsync(entity, reason, message, isTrouble: true, cancellationToken);

    private async Task WarnOrTellAsync<TEntity>(
        TEntity entity,
        string reason,
        string message,
        bool isTrouble,
        CancellationToken cancellationToken
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        await publish(
            entity,
            reason,
            message.Length > 0 ? message : $"{entity.Kind} {entity.Metadata.Name} is {reason}",
            isTrouble ? EventType.Warning : EventType.Normal,
            cancellationToken
        );
}
