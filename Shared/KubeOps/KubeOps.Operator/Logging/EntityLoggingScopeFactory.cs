using k8s;
using k8s.Models;
using KubeOps.Abstractions.Logging;
using KubeOps.Abstractions.Reconciliation;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Logging;

/// <summary>Makes the fields of logging scopes: the built-in ones, then what enrichers add.</summary>
internal sealed class EntityLoggingScopeFactory<TEntity>(
    IEnumerable<IEntityLoggingScopeEnricher<TEntity>> enrichers,
    ILogger<EntityLoggingScopeFactory<TEntity>> logger
) : IEntityLoggingScopeFactory<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc />
    public IReadOnlyCollection<KeyValuePair<string, object>> Create(
        ReconciliationContext<TEntity> context,
        EntityLoggingPhase phase
    )
    {
        var entity = context.Entity;
        var fields = new Dictionary<string, object>
        {
            ["EventType"] = context.EventType,
            ["ReconciliationTriggerSource"] = context.ReconciliationTriggerSource,
            ["Kind"] = entity.Kind ?? typeof(TEntity).Name,
            ["Namespace"] = entity.Namespace() ?? string.Empty,
            ["Name"] = entity.Name() ?? string.Empty,
            ["Uid"] = entity.Uid() ?? string.Empty,
            ["ResourceVersion"] = entity.ResourceVersion() ?? string.Empty,
        };
        foreach (var enricher in enrichers)
        {
            Enrich(enricher, entity, phase, fields);
        }

        return fields;
    }

    private void Enrich(
        IEntityLoggingScopeEnricher<TEntity> enricher,
        TEntity entity,
        EntityLoggingPhase phase,
        Dictionary<string, object> fields
    )
    {
        try
        {
            var added = new Dictionary<string, object>();
            enricher.Enrich(entity, phase, added);
            foreach (var (name, value) in added)
            {
                fields.TryAdd(name, value);
            }
        }
        catch (Exception e)
        {
            logger.EnricherFailed(e, enricher.GetType().Name);
        }
    }
}
