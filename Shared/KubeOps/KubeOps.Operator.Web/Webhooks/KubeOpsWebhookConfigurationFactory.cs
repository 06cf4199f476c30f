using k8s.Models;
using KubeOps.Abstractions.Webhooks;

namespace KubeOps.Operator.Web.Webhooks;

/// <summary>Puts webhooks into the configurations <c>dev-validators</c> and <c>dev-mutators</c>.</summary>
public class KubeOpsWebhookConfigurationFactory : IWebhookConfigurationFactory
{
    /// <inheritdoc />
    public V1ValidatingWebhookConfiguration CreateValidatingConfiguration(
        IReadOnlyCollection<V1ValidatingWebhook> webhooks
    ) =>
        new()
        {
            ApiVersion = "admissionregistration.k8s.io/v1",
            Kind = "ValidatingWebhookConfiguration",
            Metadata = new V1ObjectMeta { Name = "dev-validators" },
            Webhooks = [.. webhooks],
        };

    /// <inheritdoc />
    public V1MutatingWebhookConfiguration CreateMutatingConfiguration(
        IReadOnlyCollection<V1MutatingWebhook> webhooks
    ) =>
        new()
        {
            ApiVersion = "admissionregistration.k8s.io/v1",
            Kind = "MutatingWebhookConfiguration",
            Metadata = new V1ObjectMeta { Name = "dev-mutators" },
            Webhooks = [.. webhooks],
        };
}
