using System.Text;
using Granary.Operator.Serving;
using Granary.Operator.Tests.Support;
using Granary.TestSupport;
using k8s.Models;
using KubeOps.KubernetesClient;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Operator.Tests.Serving;

[Collection(ClusterCollection.Name)]
public sealed class WebhookCertificatesTests(TestCluster cluster)
{
    [Fact]
    public async Task Every_replica_serves_the_one_certificate()
    {
        var options = await OptionsAsync();
        using var one = New(options);
        using var other = New(options);

        await Task.WhenAll(RefreshAsync(one), RefreshAsync(other));
        await Task.WhenAll(RefreshAsync(one), RefreshAsync(other));

        Assert.Equal(one.Current!.Thumbprint, other.Current!.Thumbprint);
    }

    [Fact]
    public async Task A_damaged_Secret_is_replaced()
    {
        var options = await OptionsAsync();
        await cluster.Client.CreateAsync(
            new V1Secret
            {
                Type = "kubernetes.io/tls",
                Metadata = new V1ObjectMeta
                {
                    Name = WebhookCertificates.SecretName,
                    NamespaceProperty = options.Namespace,
                },
                Data = new Dictionary<string, byte[]>
                {
                    ["tls.crt"] = "x"u8.ToArray(),
                    ["tls.key"] = "y"u8.ToArray(),
                    ["ca.crt"] = "z"u8.ToArray(),
                },
            }
        );
        using var certificates = New(options);

        await RefreshAsync(certificates);

        Assert.True(certificates.Current!.MatchesHostname($"granary-operator.{options.Namespace}.svc"));
    }

    [Fact]
    public async Task A_certificate_near_its_end_is_renewed_and_the_old_authority_stays_trusted()
    {
        var options = await OptionsAsync();
        using var early = New(options);
        await RefreshAsync(early);
        var before = await StoredAsync(options);

        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(
            new DateTimeOffset(early.Current!.NotAfter).AddDays(-3)
        );
        using var late = new WebhookCertificates(
            cluster.Client,
            options,
            clock,
            NullLogger<WebhookCertificates>.Instance
        );
        await RefreshAsync(late);

        Assert.NotEqual(early.Current.Thumbprint, late.Current!.Thumbprint);
        Assert.Contains(
            before.AuthoritiesPem.Trim(),
            (await StoredAsync(options)).AuthoritiesPem,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_bundle_reaches_every_webhook_and_is_put_back_when_it_was_lost()
    {
        var options = await OptionsAsync() with { EnableWebhooks = true };
        foreach (
            var configuration in TestCluster.Load<V1ValidatingWebhookConfiguration>(
                "config/webhook",
                "ValidatingWebhookConfiguration"
            )
        )
        {
            foreach (var webhook in configuration.Webhooks)
            {
                // Nobody serves it here, and nothing of the other tests is to wait for it.
                webhook.NamespaceSelector = new V1LabelSelector
                {
                    MatchLabels = new Dictionary<string, string> { ["none"] = "none" },
                };
            }

            await cluster.Client.CreateAsync(configuration);
        }

        using var certificates = New(options);
        await RefreshAsync(certificates);
        await ExpectBundleAsync(options);

        var stored = await ConfigurationAsync();
        stored.Webhooks[1].ClientConfig.CaBundle = null;
        await cluster.Client.UpdateAsync(stored);
        await RefreshAsync(certificates);
        await ExpectBundleAsync(options);
        var version = (await ConfigurationAsync()).Metadata.ResourceVersion;

        await RefreshAsync(certificates);
        Assert.Equal(version, (await ConfigurationAsync()).Metadata.ResourceVersion);
    }

    /// <summary>The roles name the Secret and the configuration; code and roles have to agree.</summary>
    [Fact]
    public void The_roles_are_for_the_names_that_are_used()
    {
        var folder = Path.Combine(RepositoryRoot.Path, "config/rbac");
        var roles = string.Concat(Directory.GetFiles(folder, "*.yaml").Select(File.ReadAllText));

        Assert.Contains($"- {WebhookCertificates.SecretName}\n", roles, StringComparison.Ordinal);
        Assert.Contains($"- {WebhookCertificates.ConfigurationName}\n", roles, StringComparison.Ordinal);
    }

    private static async Task RefreshAsync(WebhookCertificates certificates)
    {
        // As the service itself: a round that crossed another replica's is tried again.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await certificates.RefreshAsync(TestContext.Current.CancellationToken);
                return;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                await Task.Yield();
            }
        }
    }

    private async Task ExpectBundleAsync(OperatorOptions options)
    {
        var authorities = (await StoredAsync(options)).AuthoritiesPem;
        Assert.All((await ConfigurationAsync()).Webhooks, webhook =>
            Assert.Equal(authorities, Encoding.ASCII.GetString(webhook.ClientConfig.CaBundle))
        );
    }

    private async Task<V1ValidatingWebhookConfiguration> ConfigurationAsync() =>
        (await cluster.Client.GetAsync<V1ValidatingWebhookConfiguration>(WebhookCertificates.ConfigurationName))!;

    private async Task<ServingCertificate> StoredAsync(OperatorOptions options) =>
        ServingCertificate.From(
            (await cluster.Client.GetAsync<V1Secret>(WebhookCertificates.SecretName, options.Namespace))!
        )!;

    private WebhookCertificates New(OperatorOptions options) =>
        new(cluster.Client, options, cluster.Clock, NullLogger<WebhookCertificates>.Instance);

    private async Task<OperatorOptions> OptionsAsync()
    {
        await using var bench = await Bench.StartAsync(cluster);
        return Make.Options with { Namespace = bench.Namespace, EnableWebhooks = false };
    }
}
