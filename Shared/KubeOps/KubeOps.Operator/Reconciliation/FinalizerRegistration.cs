namespace KubeOps.Operator.Reconciliation;

/// <summary>A finalizer of an entity type, by the identifier that stands on objects.</summary>
internal sealed record FinalizerRegistration<TEntity>(string Identifier, Type ImplementationType);
