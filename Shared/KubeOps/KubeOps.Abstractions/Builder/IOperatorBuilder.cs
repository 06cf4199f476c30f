using k8s;
using k8s.Models;
using KubeOps.Abstractions.Crds;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Abstractions.Builder;

/// <summary>Registers the parts of an operator. Every method returns the builder.</summary>
public interface IOperatorBuilder
{
    /// <summary>The services that the parts are added to.</summary>
    IServiceCollection Services { get; }

    /// <summary>The operator's settings.</summary>
    OperatorSettings Settings { get; }

    /// <summary>Adds a controller that sees every object.</summary>
    /// <exception cref="InvalidOperationException">
    /// The controller is registered already with the same selector.
    /// </exception>
    IOperatorBuilder AddController<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Adds a controller that sees what a label selector chooses.</summary>
    /// <exception cref="InvalidOperationException">
    /// The controller is registered already with the same selector.
    /// </exception>
    IOperatorBuilder AddControllerWithLabelSelector<TImplementation, TEntity, TLabelSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TLabelSelector : class, IEntityLabelSelector<TEntity>;

    /// <summary>Adds a controller that sees what a field selector chooses.</summary>
    /// <exception cref="InvalidOperationException">
    /// The controller is registered already with the same selector.
    /// </exception>
    IOperatorBuilder AddControllerWithFieldSelector<TImplementation, TEntity, TFieldSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TFieldSelector : class, IEntityFieldSelector<TEntity>;

    /// <summary>
    /// Adds a finalizer under the identifier that <see cref="EntityFinalizerExtensions.GetIdentifierName" /> computes.
    /// </summary>
    IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Adds a service that installs the entry assembly's definitions: a development aid.</summary>
    IOperatorBuilder AddCrdInstaller(Action<CrdInstallerSettingsBuilder>? configure = null);
}
