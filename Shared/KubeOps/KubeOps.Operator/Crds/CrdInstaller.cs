using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Crds;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.KubernetesClient;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Crds;

/// <summary>Installs the definitions of the entry assembly's entities: a development aid.</summary>
internal sealed class CrdInstaller(
    ICrdResourceFactory factory,
    IKubernetesClient client,
    CrdInstallerSettings settings,
    ILogger<CrdInstaller> logger
) : IHostedService
{
    /// <summary>The entity classes of an assembly that make a definition.</summary>
    public static IReadOnlyCollection<Type> EntityTypes(Assembly? assembly) =>
        [
            .. (assembly?.GetTypes() ?? []).Where(type =>
                type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }
                && type.GetCustomAttribute<KubernetesEntityAttribute>(inherit: false) is not null
                && type.GetCustomAttribute<IgnoreAttribute>() is null
            ),
        ];

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var definition in Definitions())
        {
            try
            {
                await InstallAsync(definition, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                logger.CrdFailed(e, definition.Name());
            }
        }
    }

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!settings.DeleteOnShutdown)
        {
            return;
        }

        foreach (var definition in Definitions())
        {
            await client.DeleteAsync<V1CustomResourceDefinition>(
                definition.Name(),
                cancellationToken: cancellationToken
            );
        }
    }

    private IEnumerable<V1CustomResourceDefinition> Definitions() =>
        factory.CreateCustomResourceDefinitions(EntityTypes(Assembly.GetEntryAssembly()));

    private async Task InstallAsync(V1CustomResourceDefinition definition, CancellationToken cancellationToken)
    {
        var existing = await client.GetAsync<V1CustomResourceDefinition>(
            definition.Name(),
            cancellationToken: cancellationToken
        );
        if (existing is null)
        {
            await client.CreateAsync(definition, cancellationToken);
        }
        else if (settings.OverwriteExisting)
        {
            definition.Metadata.ResourceVersion = existing.ResourceVersion();
            await client.UpdateAsync(definition, cancellationToken);
        }
        else
        {
            return;
        }

        logger.CrdInstalled(definition.Name());
    }
}
