using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Logging;

/// <summary>The work that a logging scope surrounds.</summary>
public enum EntityLoggingPhase
{
    /// <summary>A watch event is being taken in.</summary>
    Watch,

    /// <summary>An object is being reconciled.</summary>
    Reconciliation,
}

/// <summary>Adds fields to the logging scope of an entity. Built-in fields cannot be replaced.</summary>
public interface IEntityLoggingScopeEnricher<in TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Adds fields. An exception skips the enricher and is logged.</summary>
    void Enrich(TEntity entity, EntityLoggingPhase phase, IDictionary<string, object> properties);
}
