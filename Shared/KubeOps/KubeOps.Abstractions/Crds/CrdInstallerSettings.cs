using k8s.Models;

namespace KubeOps.Abstractions.Crds;

/// <summary>What the development-time installer of custom resource definitions may do.</summary>
public sealed record CrdInstallerSettings
{
    /// <summary>Whether definitions that exist are replaced.</summary>
    public bool OverwriteExisting { get; init; }

    /// <summary>Whether definitions, and with them all objects, are deleted at the end.</summary>
    public bool DeleteOnShutdown { get; init; }
}

/// <summary>Collects <see cref="CrdInstallerSettings" />.</summary>
public sealed class CrdInstallerSettingsBuilder
{
    /// <inheritdoc cref="CrdInstallerSettings.OverwriteExisting" />
    public bool OverwriteExisting { get; set; }

    /// <inheritdoc cref="CrdInstallerSettings.DeleteOnShutdown" />
    public bool DeleteOnShutdown { get; set; }

    /// <inheritdoc cref="CrdInstallerSettings.OverwriteExisting" />
    public CrdInstallerSettingsBuilder WithOverwriteExisting(bool value = true)
    {
        OverwriteExisting = value;
        return this;
    }

    /// <inheritdoc cref="CrdInstallerSettings.DeleteOnShutdown" />
    public CrdInstallerSettingsBuilder WithDeleteOnShutdown(bool value = true)
    {
        DeleteOnShutdown = value;
        return this;
    }

    /// <summary>The settings as collected.</summary>
    public CrdInstallerSettings Build() =>
        new() { OverwriteExisting = OverwriteExisting, DeleteOnShutdown = DeleteOnShutdown };
}

/// <summary>Makes custom resource definitions from entity classes.</summary>
public interface ICrdResourceFactory
{
    /// <summary>One definition per class; versions of a resource are not merged.</summary>
    IEnumerable<V1CustomResourceDefinition> CreateCustomResourceDefinitions(IReadOnlyCollection<Type> entityTypes);
}
