using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Events;

/// <summary>How an event is to be read.</summary>
public enum EventType
{
    /// <summary>For information.</summary>
    Normal,

    /// <summary>Something needs attention.</summary>
    Warning,
}

/// <summary>Publishes a Kubernetes event about an object. The same event again raises its count.</summary>
/// <remarks>
/// Failures are logged, never thrown. Each distinct message makes a new Event: no times or counters in it.
/// </remarks>
public delegate Task EventPublisher(
    IKubernetesObject<V1ObjectMeta> entity,
    string reason,
    string message,
    EventType type = EventType.Normal,
    CancellationToken cancellationToken = default
);

/// <summary>Makes publishers.</summary>
public interface IEventPublisherFactory
{
    /// <summary>Makes a publisher.</summary>
    EventPublisher Create();
}

/// <summary>Makes the Event object for a publication.</summary>
public interface IEventResourceFactory
{
    /// <summary>The object as it is created the first time: count 1 and both timestamps set.</summary>
    Corev1Event CreateEvent(IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type);
}
