using System.Reflection;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Certificates;
using KubeOps.Abstractions.Webhooks;
using KubeOps.Operator.Web.Webhooks;
using KubeOps.Operator.Web.Webhooks.Registration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KubeOps.Operator.Web.Builder;

/// <summary>What the web part adds to an operator.</summary>
public static class OperatorBuilderExtensions
{
    /// <summary>
    /// Registers the entry assembly's webhooks under an address outside of the cluster: for development.
    /// </summary>
    /// <param name="builder">The operator.</param>
    /// <param name="port">The port that the API server reaches.</param>
    /// <param name="hostname">The name or address that the API server reaches.</param>
    /// <param name="certificateProvider">Its root certificate becomes the CA bundle.</param>
    public static IOperatorBuilder UseCertificateProvider(
        this IOperatorBuilder builder,
        ushort port,
        string hostname,
        ICertificateProvider certificateProvider
    )
    {
        builder.Services.TryAddSingleton<IWebhookConfigurationFactory, KubeOpsWebhookConfigurationFactory>();
        builder.Services.TryAddSingleton(certificateProvider);
        builder.Services.TryAddSingleton(new WebhookEndpoint(hostname, port, Assembly.GetEntryAssembly()));
        builder.Services.AddHostedService<WebhookRegistrar>();
        return builder;
    }
}
