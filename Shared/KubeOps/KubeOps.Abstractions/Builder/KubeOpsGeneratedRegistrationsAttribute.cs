namespace KubeOps.Abstractions.Builder;

/// <summary>Marks an assembly with generated registrations, so that referencing assemblies call them too.</summary>
/// <param name="controllerRegistrations">
/// Full name of the class with <c>RegisterControllers</c>; null or empty for none.
/// </param>
/// <param name="finalizerRegistrations">
/// Full name of the class with <c>RegisterFinalizers</c>; null or empty for none.
/// </param>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class KubeOpsGeneratedRegistrationsAttribute(
    string? controllerRegistrations,
    string? finalizerRegistrations
) : Attribute
{
    /// <summary>Full name of the class with <c>RegisterControllers</c>.</summary>
    public string? ControllerRegistrations { get; } = controllerRegistrations;

    /// <summary>Full name of the class with <c>RegisterFinalizers</c>.</summary>
    public string? FinalizerRegistrations { get; } = finalizerRegistrations;
}
