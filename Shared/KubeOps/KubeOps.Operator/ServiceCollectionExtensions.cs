using KubeOps.Abstractions.Builder;
using KubeOps.Operator.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Operator;

/// <summary>Adds an operator to a host.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>
    /// Registers the runtime; controllers and finalizers follow on the builder. The cluster is not contacted.
    /// </summary>
    /// <remarks>
    /// Services that are there before win: <c>IKubernetes</c>, <c>IKubernetesClient</c>, <c>TimeProvider</c>, the
    /// factories.
    /// </remarks>
    /// <exception cref="NotSupportedException">
    /// The settings ask for a strategy that this slice does not have.
    /// </exception>
    public static IOperatorBuilder AddKubernetesOperator(
        this IServiceCollection services,
        Action<OperatorSettingsBuilder>? configure = null
    )
    {
        var settings = new OperatorSettingsBuilder();
        configure?.Invoke(settings);
        return new OperatorBuilder(services, settings.Build());
    }
}
