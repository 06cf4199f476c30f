namespace KubeOps.Generator.Model;

/// <summary>Registration classes that a referenced assembly announces.</summary>
internal sealed record ReferencedRegistrations(string Assembly, string? Controllers, string? Finalizers);

/// <summary>
/// What the references of a project say: whether it is an operator, and whose registrations it can call.
/// </summary>
internal sealed record ReferencesModel(bool HasOperator, EquatableList<ReferencedRegistrations> Registrations);
