using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Granary.Operator.Cluster;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Serving;

/// <summary>
/// Makes, shares, renews and serves the webhooks' certificate, and tells the API server which authority to trust.
/// </summary>
/// <remarks>
/// Every replica does all of it; the Secret's resourceVersion decides who wins, and the others take what the winner
/// wrote. The order is Secret, trust, service: a certificate is never served before it is trusted. The rights to both
/// objects are limited to their names, which attributes cannot say; they stand in
/// tools/Manifests/Access/OperatorAccess.cs.
/// </remarks>
internal sealed class WebhookCertificates(
    IKubernetesClient client,
    OperatorOptions options,
    TimeProvider time,
    ILogger<WebhookCertificates> log
) : BackgroundService
{
    public const string SecretName = "granary-operator-webhook-cert";

    public const string ConfigurationName = "admission.stash.appscode.com";

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private X509Certificate2? _current;
    private string? _currentPem;

    /// <summary>The certificate to serve; null until there is one.</summary>
    public X509Certificate2? Current => Volatile.Read(ref _current);

    public override void Dispose()
    {
        _current?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var delay = Period;
            try
            {
                await RefreshAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                delay = AfterFailure;
                log.CertificateFailed(e, delay);
            }

            await Task.Delay(delay, time, stoppingToken);
        }
    }

    /// <summary>One round: read or renew, see to the trust, serve.</summary>
    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var @namespace =
            options.Namespace.Length > 0
                ? options.Namespace
                : await client.GetCurrentNamespaceAsync(cancellationToken: cancellationToken);
        var certificate = await EnsureAsync(@namespace, cancellationToken);
        if (options.EnableWebhooks)
        {
            await TrustAsync(certificate, cancellationToken);
        }

        if (certificate.ServerPem != _currentPem)
        {
            // The old one is not disposed: a handshake may be using it. It is small and replaced once in years.
            var loaded = certificate.Load();
            Volatile.Write(ref _current, loaded);
            _currentPem = certificate.ServerPem;
            log.CertificateReady("is served", new DateTimeOffset(loaded.NotAfter));
        }
    }

    private async Task<ServingCertificate> EnsureAsync(string @namespace, CancellationToken cancellationToken)
    {
        var host = ServingCertificate.HostFor(options.ServiceName, @namespace);
        var stored = await client.GetAsync<V1Secret>(SecretName, @namespace, cancellationToken);
        var known = stored is null ? null : ServingCertificate.From(stored);
        if (known?.IsUsable(host, time.GetUtcNow()) == true)
        {
            return known;
        }

        var renewed = ServingCertificate.Generate(options.ServiceName, @namespace, known);
        try
        {
            var secret = stored
                ?? new V1Secret
                {
                    ApiVersion = "v1",
                    Kind = V1Secret.KubeKind,
                    Type = "kubernetes.io/tls",
                    Metadata = new V1ObjectMeta { Name = SecretName, NamespaceProperty = @namespace },
                };
            secret.Data = renewed.ToData();
            await (
                stored is null
                    ? client.CreateAsync(secret, cancellationToken)
                    : client.UpdateAsync(secret, cancellationToken)
            );
            return renewed;
        }
        catch (HttpOperationException e) when (StatusWriter.IsConflict(e))
        {
            // Another replica was faster; its certificate is as good as ours.
            return await EnsureAsync(@namespace, cancellationToken);
        }
    }

    private async Task TrustAsync(ServingCertificate certificate, CancellationToken cancellationToken)
    {
        var configuration = await client.GetAsync<V1ValidatingWebhookConfiguration>(
            ConfigurationName,
            cancellationToken: cancellationToken
        );
        if (configuration is null)
        {
            log.WebhookConfigurationMissing(ConfigurationName);
            return;
        }

        var bundle = certificate.CaBundle();
        var operations = new JsonArray(
            new JsonObject
            {
                ["op"] = "test",
                ["path"] = "/metadata/resourceVersion",
                ["value"] = configuration.Metadata.ResourceVersion,
            }
        );
        foreach (var (index, webhook) in (configuration.Webhooks ?? []).Index())
        {
            if (webhook.ClientConfig.CaBundle is not { } trusted || Convert.ToBase64String(trusted) != bundle)
            {
                operations.Add(
                    new JsonObject
                    {
                        ["op"] = "add",
                        ["path"] = $"/webhooks/{index}/clientConfig/caBundle",
                        ["value"] = bundle,
                    }
                );
            }
        }

        if (operations.Count > 1)
        {
            await PatchTrustAsync(operations, cancellationToken);
        }
    }

    private async Task PatchTrustAsync(JsonArray operations, CancellationToken cancellationToken)
    {
        try
        {
            await client.PatchAsync<V1ValidatingWebhookConfiguration>(
                new V1Patch(operations.ToJsonString(), V1Patch.PatchType.JsonPatch),
                ConfigurationName,
                cancellationToken: cancellationToken
            );
            log.CaBundlePatched(ConfigurationName);
        }
        catch (HttpOperationException e)
            when (e.Response?.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity)
        {
            // The test on the version failed: another replica patched it, or an administrator applied it again. The
            // next round looks.
            throw new InvalidOperationException(
                $"ValidatingWebhookConfiguration {ConfigurationName} changed meanwhile",
                e
            );
        }
    }
}
