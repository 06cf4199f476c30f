using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Logging;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Operator.Logging;

/// <summary>Registers enrichers of logging scopes.</summary>
public static class OperatorBuilderLoggingExtensions
{
    /// <summary>Adds fields to the logging scopes of an entity.</summary>
    public static IOperatorBuilder AddEntityLoggingScopeEnricher<TEntity, TEnricher>(this IOperatorBuilder builder)
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TEnricher : class, IEntityLoggingScopeEnricher<TEntity>
    {
        builder.Services.AddSingleton<IEntityLoggingScopeEnricher<TEntity>, TEnricher>();
        return builder;
    }
}
