using System.Net;
using System.Runtime.CompilerServices;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Entities;

namespace KubeOps.KubernetesClient;

/// <summary>The typed client on top of the official one, which it owns and disposes.</summary>
public partial class KubernetesClient : IKubernetesClient, IListWatchClient
{
    private const string ServiceAccountNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
    private const string BackgroundPropagation = "Background";

    private readonly KubernetesClientConfiguration _configuration;
    private readonly IKubernetes _client;
    private bool _disposed;

    /// <summary>Connects as the environment says: in the cluster, or by the kubeconfig.</summary>
    public KubernetesClient()
        : this(KubernetesClientConfiguration.BuildDefaultConfig()) { }

    /// <summary>Connects as the configuration says.</summary>
    public KubernetesClient(KubernetesClientConfiguration clientConfig)
        : this(clientConfig, new Kubernetes(clientConfig)) { }

    /// <summary>Uses a client that is there already.</summary>
    public KubernetesClient(KubernetesClientConfiguration clientConfig, IKubernetes client)
    {
        _configuration = clientConfig;
        _client = client;
    }

    /// <inheritdoc />
    public IKubernetes ApiClient
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _client;
        }
    }

    /// <inheritdoc />
    public Uri BaseUri => ApiClient.BaseUri;

    private ICustomObjectsOperations Objects => ApiClient.CustomObjects;

    /// <summary>Forgets the identities of resource types.</summary>
    public static void ClearMetadataCache() => ResourceIdentity.Clear();

    /// <inheritdoc />
    public async Task<string> GetCurrentNamespaceAsync(
        string downwardApiEnvName = "POD_NAMESPACE",
        CancellationToken cancellationToken = default
    )
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return NamespaceFromSettings(downwardApiEnvName)
            ?? (
                File.Exists(ServiceAccountNamespaceFile)
                    ? (await File.ReadAllTextAsync(ServiceAccountNamespaceFile, cancellationToken)).Trim()
                    : "default"
            );
    }

    /// <inheritdoc />
    public string GetCurrentNamespace(string downwardApiEnvName = "POD_NAMESPACE") =>
        GetCurrentNamespaceAsync(downwardApiEnvName, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc />
    public async Task<TEntity?> GetAsync<TEntity>(
        string name,
        string? @namespace = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        if (!PathSegment.CanExist(name, @namespace))
        {
            // Such an object does not exist, and the name may be a path to another one.
            return default;
        }

        var (group, version, _, plural) = ResourceIdentity.Of<TEntity>();
        try
        {
            var found = string.IsNullOrWhiteSpace(@namespace)
                ? await Body(
                    Objects.GetClusterCustomObjectWithHttpMessagesAsync<TEntity>(
                        group,
                        version,
                        plural,
                        PathSegment.Name(name),
                        cancellationToken: cancellationToken
                    )
                )
                : await Body(
                    Objects.GetNamespacedCustomObjectWithHttpMessagesAsync<TEntity>(
                        group,
                        version,
                        PathSegment.Namespace(@namespace),
                        plural,
                        PathSegment.Name(name),
                        cancellationToken: cancellationToken
                    )
                );
            return PathSegment.Expect(found, name, @namespace);
        }
        catch (HttpOperationException e) when (e.Response?.StatusCode == HttpStatusCode.NotFound)
        {
            return default;
        }
    }

    /// <inheritdoc />
    public TEntity? Get<TEntity>(string name, string? @namespace = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        GetAsync<TEntity>(name, @namespace, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc />
    public async Task<IList<TEntity>> ListAsync<TEntity>(
        string? @namespace = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        (await ListWithVersionAsync<TEntity>(@namespace, labelSelector, fieldSelector, cancellationToken)).Items;

    /// <inheritdoc />
    public IList<TEntity> List<TEntity>(
        string? @namespace = null,
        string? labelSelector = null,
        string? fieldSelector = null
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        ListAsync<TEntity>(@namespace, labelSelector, fieldSelector, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc />
    async IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> IListWatchClient.WatchAsync<TEntity>(
        WatchRequest request,
        Action onConnected,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var response = await WatchStream.OpenAsync(
            OfficialClient(),
            ResourceIdentity.Of<TEntity>(),
            request,
            cancellationToken
        );
        onConnected();
        await foreach (var item in WatchStream.ReadAsync<TEntity>(response, cancellationToken))
        {
            yield return item;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the client underneath.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _client.Dispose();
        }
    }

    /// <inheritdoc />
    Task<EntityList<TEntity>> IListWatchClient.ListWithVersionAsync<TEntity>(
        string? @namespace,
        string? labelSelector,
        string? fieldSelector,
        CancellationToken cancellationToken
    ) => ListWithVersionAsync<TEntity>(@namespace, labelSelector, fieldSelector, cancellationToken);

    private static async Task<T> Body<T>(Task<HttpOperationResponse<T>> request)
    {
        using var response = await request;
        return response.Body;
    }

    private string? NamespaceFromSettings(string downwardApiEnvName)
    {
        if (!string.IsNullOrWhiteSpace(_configuration.Namespace))
        {
            return _configuration.Namespace;
        }

        var variable = Environment.GetEnvironmentVariable(downwardApiEnvName);
        return string.IsNullOrWhiteSpace(variable) ? null : variable;
    }

    private Kubernetes OfficialClient() =>
        ApiClient as Kubernetes
        ?? throw new NotSupportedException($"Watching needs the official client, not {_client.GetType()}.");
}
