namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Short names for kubectl. Only the first occurrence counts.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public class KubernetesEntityShortNamesAttribute(params string[] shortNames) : Attribute
{
    /// <summary>The short names.</summary>
    public string[] ShortNames { get; } = shortNames;
}
