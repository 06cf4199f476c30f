using KubeOps.Operator.Exceptions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KubeOps.Operator.Hosting;

/// <summary>Resolves every controller and finalizer once, so that a missing service fails the start.</summary>
internal sealed class RegistrationValidator(IServiceScopeFactory scopes, IEnumerable<ComponentRegistration> components)
    : IHostedService
{
    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        foreach (var component in components)
        {
            try
            {
                component.Resolve(scope.ServiceProvider);
            }
            catch (Exception e)
            {
                throw new OperatorConfigurationException($"{component.Name} cannot be made: {e.Message}", e);
            }
        }
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>A controller or finalizer, by name and by how it is resolved.</summary>
internal sealed record ComponentRegistration(string Name, Action<IServiceProvider> Resolve);
