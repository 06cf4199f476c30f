using System.Text;
using k8s.Models;
using KubeOps.Operator.Web.Certificates;
using KubeOps.Operator.Web.Webhooks;
using KubeOps.Operator.Web.Webhooks.Registration;
using KubeOps.Tests.Cluster;

namespace KubeOps.Tests.Web;

[Collection(ClusterTests.Name)]
public sealed class WebhookRegistrarTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Webhooks_of_an_assembly_are_registered_under_an_address_outside_of_the_cluster()
    {
        var token = TestContext.Current.CancellationToken;
        using var client = cluster.Client();
        using var certificates = new CertificateGenerator("dev.test");
        var factory = new Recording();
        var registrar = new WebhookRegistrar(
            client,
            factory,
            certificates,
            new WebhookEndpoint("dev.test", 8443, typeof(WidgetValidator).Assembly)
        );

        await registrar.StartAsync(token);
        await registrar.StartAsync(token);

        var stored = await client.GetAsync<V1MutatingWebhookConfiguration>("unused-mutators", cancellationToken: token);
        var webhook = Assert.Single(stored!.Webhooks, w => w.Name == "mutate.widget.kubeops.test.v1");
        Assert.Equal("https://dev.test:8443/mutate/widget", webhook.ClientConfig.Url);
        Assert.Equal(
            certificates.Root.Certificate.EncodeToPem(),
            Encoding.UTF8.GetString(webhook.ClientConfig.CaBundle)
        );
        Assert.Equal(("Exact", "None"), (webhook.MatchPolicy, webhook.SideEffects));
        var validator = Assert.Single(factory.Validators, w => w.Name == "validate.widget.kubeops.test.v1");
        Assert.Equal(["widgets"], validator.Rules[0].Resources);
        Assert.Equal(["*"], validator.Rules[0].Operations);
    }

    /// <summary>
    /// Keeps the webhooks away from the widgets of other tests: what is stored asks for no resource that exists.
    /// </summary>
    private sealed class Recording : KubeOps.Abstractions.Webhooks.IWebhookConfigurationFactory
    {
        private readonly KubeOpsWebhookConfigurationFactory _inner = new();

        public IReadOnlyCollection<V1ValidatingWebhook> Validators { get; private set; } = [];

        public V1ValidatingWebhookConfiguration CreateValidatingConfiguration(
            IReadOnlyCollection<V1ValidatingWebhook> webhooks
        )
        {
            Validators = webhooks;
            var configuration = _inner.CreateValidatingConfiguration([]);
            Assert.Equal("dev-validators", configuration.Name());
            configuration.Metadata.Name = "unused-validators";
            return configuration;
        }

        public V1MutatingWebhookConfiguration CreateMutatingConfiguration(
            IReadOnlyCollection<V1MutatingWebhook> webhooks
        )
        {
            foreach (var webhook in webhooks)
            {
                webhook.Rules[0].Resources = ["nothing"];
            }

            var configuration = _inner.CreateMutatingConfiguration(webhooks);
            Assert.Equal("dev-mutators", configuration.Name());
            configuration.Metadata.Name = "unused-mutators";
            return configuration;
        }
    }
}
