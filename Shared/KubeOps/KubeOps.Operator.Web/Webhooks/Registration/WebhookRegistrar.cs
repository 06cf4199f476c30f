using System.Reflection;
using System.Text;
using k8s.Models;
using KubeOps.Abstractions.Certificates;
using KubeOps.Abstractions.Webhooks;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Web.Certificates;
using Microsoft.Extensions.Hosting;

namespace KubeOps.Operator.Web.Webhooks.Registration;

/// <summary>Where the webhooks of a development machine are reached.</summary>
internal sealed record WebhookEndpoint(string Hostname, ushort Port, Assembly? Assembly);

/// <summary>
/// Registers the entry assembly's webhooks with the API server when the program starts: for development.
/// </summary>
internal sealed class WebhookRegistrar(
    IKubernetesClient client,
    IWebhookConfigurationFactory factory,
    ICertificateProvider certificates,
    WebhookEndpoint endpoint
) : IHostedService
{
    private static readonly string[] Versions = ["v1"];

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (endpoint.Assembly is null)
        {
            return;
        }

        var validators = WebhookDiscovery.Validators(endpoint.Assembly).Select(Validator).ToList();
        if (validators.Count > 0)
        {
            await client.SaveAsync(factory.CreateValidatingConfiguration(validators), cancellationToken);
        }

        var mutators = WebhookDiscovery.Mutators(endpoint.Assembly).Select(Mutator).ToList();
        if (mutators.Count > 0)
        {
            await client.SaveAsync(factory.CreateMutatingConfiguration(mutators), cancellationToken);
        }
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string Name(string verb, EntityMetadataName entity) =>
        $"{verb}.{entity.Singular}.{entity.Group}.{entity.Version}";

    private static List<V1RuleWithOperations> Rules(WebhookClass webhook) =>
        [
            new()
            {
                Operations = ["*"],
                Resources = [webhook.Entity.PluralName],
                ApiGroups = [webhook.Entity.Group ?? string.Empty],
                ApiVersions = [webhook.Entity.Version],
            },
        ];

    private V1ValidatingWebhook Validator(WebhookClass webhook) =>
        new()
        {
            Name = Name("validate", EntityMetadataName.Of(webhook)),
            MatchPolicy = "Exact",
            SideEffects = "None",
            AdmissionReviewVersions = Versions,
            ClientConfig = ClientConfig(webhook),
            Rules = Rules(webhook),
        };

    private V1MutatingWebhook Mutator(WebhookClass webhook) =>
        new()
        {
            Name = Name("mutate", EntityMetadataName.Of(webhook)),
            MatchPolicy = "Exact",
            SideEffects = "None",
            AdmissionReviewVersions = Versions,
            ClientConfig = ClientConfig(webhook),
            Rules = Rules(webhook),
        };

    private Admissionregistrationv1WebhookClientConfig ClientConfig(WebhookClass webhook) =>
        new()
        {
            Url = $"https://{endpoint.Hostname}:{endpoint.Port}{webhook.Path}",
            CaBundle = Encoding.UTF8.GetBytes(certificates.Root.Certificate.EncodeToPem()),
        };

    private sealed record EntityMetadataName(string Singular, string Group, string Version)
    {
        public static EntityMetadataName Of(WebhookClass webhook) =>
            new(
                webhook.Entity.SingularName,
                string.IsNullOrEmpty(webhook.Entity.Group) ? "core" : webhook.Entity.Group,
                webhook.Entity.Version
            );
    }
}
