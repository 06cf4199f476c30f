using k8s.Models;

namespace KubeOps.Abstractions.Webhooks;

/// <summary>Shapes the webhook configurations that are registered during development.</summary>
public interface IWebhookConfigurationFactory
{
    /// <summary>The configuration that holds all validating webhooks.</summary>
    V1ValidatingWebhookConfiguration CreateValidatingConfiguration(IReadOnlyCollection<V1ValidatingWebhook> webhooks);

    /// <summary>The configuration that holds all mutating webhooks.</summary>
    V1MutatingWebhookConfiguration CreateMutatingConfiguration(IReadOnlyCollection<V1MutatingWebhook> webhooks);
}
