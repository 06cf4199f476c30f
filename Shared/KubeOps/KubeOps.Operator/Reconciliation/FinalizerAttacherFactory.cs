using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.KubernetesClient;

namespace KubeOps.Operator.Reconciliation;

/// <summary>Makes the delegates that add a finalizer to an object.</summary>
internal sealed class FinalizerAttacherFactory(IKubernetesClient client) : IEventFinalizerAttacherFactory
{
    /// <inheritdoc />
    public EntityFinalizerAttacher<TImplementation, TEntity> Create<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        async (entity, cancellationToken) =>
            await FinalizerPatch.AttachAsync(client, entity, [identifier], cancellationToken) ?? entity;
}
