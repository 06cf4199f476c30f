using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Granary.Api.Stash.V1Beta1;
using Granary.DevCluster.Api;
using Granary.Operator.Serving;
using Granary.TestSupport;
using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Operator.Tests.Support;

/// <summary>
/// The whole operator as it is deployed: its own account with the generated roles, its watches, its webhooks over TLS.
/// </summary>
public sealed class RunningOperator : IAsyncLifetime
{
    private const string OperatorNamespace = "granary-system";

    private readonly int _port = FreePort.Next();
    private ApiServer _server = null!; // Set before any test runs.
    private WebApplication _operator = null!; // As above.

    /// <summary>The administrator's client.</summary>
    internal IKubernetesClient Client { get; private set; } = null!; // As above.

    public async ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable("Logging__LogLevel__Default", "None");
        _server = await ApiServer.StartAsync(new ApiServerOptions());
        Client = new KubeOps.KubernetesClient.KubernetesClient(
            _server.CreateClientConfiguration(),
            _server.CreateAdminClient()
        );
        await InstallAsync();
        await StartOperatorAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _operator.StopAsync();
        await _operator.DisposeAsync();
        Client.Dispose();
        await _server.DisposeAsync();
    }

    internal async Task<string> NewNamespaceAsync()
    {
        var name = $"test-{Guid.NewGuid():N}"[..16];
        await Client.CreateAsync(
            new V1Namespace
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    Labels = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = name },
                },
            }
        );
        return name;
    }

    /// <summary>
    /// Posts an AdmissionReview as the API server does: by the Service's name, trusting what the configuration says.
    /// </summary>
    internal async Task<JsonNode> ReviewAsync(string path, JsonObject review, CancellationToken cancellationToken)
    {
        using var http = await NewHttpAsync(cancellationToken);
        using var body = new StringContent(
            review.ToJsonString(),
            Encoding.UTF8,
            new MediaTypeHeaderValue("application/json")
        );
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), body, cancellationToken);
        return JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken))![
            "response"
        ]!;
    }

    internal async Task<string> GetTextAsync(string path, CancellationToken cancellationToken)
    {
        using var http = await NewHttpAsync(cancellationToken);
        return await http.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);
    }

    private async Task<HttpClient> NewHttpAsync(CancellationToken cancellationToken)
    {
        var configuration = await Client.GetAsync<V1ValidatingWebhookConfiguration>(
            WebhookCertificates.ConfigurationName,
            cancellationToken: cancellationToken
        );
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(Encoding.ASCII.GetString(configuration!.Webhooks[0].ClientConfig.CaBundle));
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync("127.0.0.1", _port, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        return new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://granary-operator.{OperatorNamespace}.svc/"),
            DefaultRequestVersion = System.Net.HttpVersion.Version11,
        };
    }

    private async Task InstallAsync()
    {
        await ApplyAsync<V1CustomResourceDefinition>("config/crd", V1CustomResourceDefinition.KubeKind);
        await ApplyAsync<V1Namespace>("config/manager", V1Namespace.KubeKind);
        await ApplyAsync<V1ServiceAccount>("config/rbac", V1ServiceAccount.KubeKind);
        await ApplyAsync<V1ClusterRole>("config/rbac", V1ClusterRole.KubeKind);
        await ApplyAsync<V1ClusterRoleBinding>("config/rbac", V1ClusterRoleBinding.KubeKind);
        await ApplyAsync<V1Role>("config/rbac", V1Role.KubeKind);
        await ApplyAsync<V1RoleBinding>("config/rbac", V1RoleBinding.KubeKind);
        await Eventually.TrueAsync("the definitions to be served", async () =>
            (await Client.ListAsync<V1CustomResourceDefinition>()).All(one =>
                one.Status?.Conditions?.Any(condition => condition is { Type: "Established", Status: "True" }) == true
            )
        );
        await ApplyAsync<Api.Stash.V1Beta1.Function>("config/catalog", "Function");
        await ApplyAsync<StashTask>("config/catalog", "Task");
        await ApplyAsync<V1ValidatingWebhookConfiguration>("config/webhook", V1ValidatingWebhookConfiguration.KubeKind);
    }

    private async Task StartOperatorAsync()
    {
        var token = await _server.CreateTokenAsync(OperatorNamespace, "granary-operator");
        var configuration = _server.CreateClientConfiguration(token);
        configuration.Namespace = OperatorNamespace;
        var options = Make.Options with { Namespace = OperatorNamespace, BindAddress = "127.0.0.1", Port = _port };
        _operator = OperatorHost.Build(options, services =>
        {
            services.AddSingleton(configuration);
            services.AddSingleton<IKubernetes>(_ => new Kubernetes(configuration));
        });
        await _operator.StartAsync();
        var certificates = _operator.Services.GetRequiredService<WebhookCertificates>();
        await Eventually.TrueAsync("the certificate to be served", () =>
            Task.FromResult(certificates.Current is not null)
        );
    }

    private async Task ApplyAsync<T>(string folder, string kind)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        foreach (var entity in TestCluster.Load<T>(folder, kind))
        {
            await Client.CreateAsync(entity);
        }
    }
}

/// <summary>Tests that share one running operator.</summary>
[CollectionDefinition(Name)]
public sealed class OperatorCollection : ICollectionFixture<RunningOperator>
{
    public const string Name = "operator";
}
