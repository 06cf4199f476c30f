using System.Net;
using System.Reflection;
using Granary.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Granary.Worker.Cluster;

/// <summary>The few things that the worker asks of the API server.</summary>
/// <remarks>
/// A passing fault (no connection, too many requests, a server error) is tried again for a minute: a Job should not
/// fail because the API server restarts. Absence is null, not an error.
/// </remarks>
internal sealed class ClusterClient : IDisposable
{
    private const int MaxAttempts = 7;

    private readonly IKubernetes _kubernetes;
    private readonly ResiliencePipeline _retry;
    private readonly TimeProvider _time;

    /// <param name="kubernetes">The client; disposed of with this.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Is told of retries.</param>
    public ClusterClient(IKubernetes kubernetes, TimeProvider time, ILogger log)
    {
        _kubernetes = kubernetes;
        _time = time;
        _retry = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<Exception>(IsPassing),
                    MaxRetryAttempts = MaxAttempts,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = TimeSpan.FromMilliseconds(500),
                    MaxDelay = TimeSpan.FromSeconds(20),
                    OnRetry = attempt =>
                    {
                        log.ClusterRetry(attempt.AttemptNumber + 1, attempt.Outcome.Exception?.Message ?? "");
                        return ValueTask.CompletedTask;
                    },
                }
            )
            .Build();
    }

    /// <summary>The client of this process: the Pod's service account, else the kubeconfig.</summary>
    /// <exception cref="StepFailedException">Neither is there.</exception>
    public static ClusterClient Connect(TimeProvider time, ILogger log)
    {
        try
        {
            var configuration = KubernetesClientConfiguration.BuildDefaultConfig();
            return new ClusterClient(new Kubernetes(configuration), time, log);
        }
        catch (Exception e) when (e is k8s.Exceptions.KubeConfigException or IOException)
        {
            throw new StepFailedException($"No way to reach a Kubernetes API server: {e.Message}", e);
        }
    }

    /// <summary>Reads an object, or null where there is none.</summary>
    public async Task<T?> FindAsync<T>(string @namespace, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = KindOf<T>();
        RequestedName.Check(kind.Kind, @namespace, name);
        try
        {
            var found = await AskAsync(
                async token =>
                    await _kubernetes.CustomObjects.GetNamespacedCustomObjectAsync<T>(
                        kind.Group,
                        kind.ApiVersion,
                        RequestedName.Segment(@namespace),
                        kind.PluralName,
                        RequestedName.Segment(name),
                        token
                    ),
                cancellationToken
            );
            return RequestedName.Expect(found, kind.Kind, @namespace, name);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (HttpOperationException e)
        {
            throw Refused($"read {kind.Kind} {@namespace}/{name}", e);
        }
    }

    /// <summary>Reads an object that must be there.</summary>
    /// <exception cref="StepFailedException">It is missing.</exception>
    public async Task<T> ReadAsync<T>(string @namespace, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        await FindAsync<T>(@namespace, name, cancellationToken)
        ?? throw new StepFailedException($"{KindOf<T>().Kind} {@namespace}/{name} does not exist");

    /// <summary>Creates an object. One of the same name that is there already counts as created.</summary>
    /// <returns>Whether it was created now.</returns>
    public async Task<bool> CreateAsync<T>(T entity, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = KindOf<T>();
        RequestedName.Check(kind.Kind, entity.Metadata.NamespaceProperty, entity.Metadata.Name);
        try
        {
            await AskAsync(
                async token =>
                    await _kubernetes.CustomObjects.CreateNamespacedCustomObjectAsync<T>(
                        entity,
                        kind.Group,
                        kind.ApiVersion,
                        RequestedName.Segment(entity.Metadata.NamespaceProperty),
                        kind.PluralName,
                        cancellationToken: token
                    ),
                cancellationToken
            );
            return true;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            return false;
        }
        catch (HttpOperationException e)
        {
            throw Refused($"create {kind.Kind} {entity.Metadata.NamespaceProperty}/{entity.Metadata.Name}", e);
        }
    }

    /// <summary>Writes a merge patch to an object's status.</summary>
    /// <param name="entity">As it was read.</param>
    /// <param name="patch">JSON; carries the resourceVersion that was read.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The object as it is now; null when somebody wrote it since it was read.</returns>
    public async Task<T?> PatchStatusAsync<T>(T entity, string patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = KindOf<T>();
        RequestedName.Check(kind.Kind, entity.Metadata.NamespaceProperty, entity.Metadata.Name);
        try
        {
            return await AskAsync(
                async token =>
                    await _kubernetes.CustomObjects.PatchNamespacedCustomObjectStatusAsync<T>(
                        new V1Patch(patch, V1Patch.PatchType.MergePatch),
                        kind.Group,
                        kind.ApiVersion,
                        RequestedName.Segment(entity.Metadata.NamespaceProperty),
                        kind.PluralName,
                        RequestedName.Segment(entity.Metadata.Name),
                        cancellationToken: token
                    ),
                cancellationToken
            );
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            return null;
        }
        catch (HttpOperationException e)
        {
            throw Refused(
                $"write the status of {kind.Kind} {entity.Metadata.NamespaceProperty}/{entity.Metadata.Name}",
                e
            );
        }
    }

    /// <summary>Reads a Secret's data, or null where there is no such Secret.</summary>
    public async Task<IReadOnlyDictionary<string, byte[]>?> FindSecretAsync(
        string @namespace,
        string name,
        CancellationToken cancellationToken
    )
    {
        RequestedName.Check(V1Secret.KubeKind, @namespace, name);
        try
        {
            var secret = await AskAsync(
                async token =>
                    await _kubernetes.CoreV1.ReadNamespacedSecretAsync(
                        RequestedName.Segment(name),
                        RequestedName.Segment(@namespace),
                        cancellationToken: token
                    ),
                cancellationToken
            );
            RequestedName.Expect(secret, V1Secret.KubeKind, @namespace, name);
            return (secret.Data ?? new Dictionary<string, byte[]>()).ToDictionary(StringComparer.Ordinal);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (HttpOperationException e)
        {
            throw Refused($"read Secret {@namespace}/{name}", e);
        }
    }

    /// <summary>Reads a Pod, or null where there is none.</summary>
    public async Task<V1Pod?> FindPodAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        RequestedName.Check(V1Pod.KubeKind, @namespace, name);
        try
        {
            var pod = await _kubernetes.CoreV1.ReadNamespacedPodAsync(
                RequestedName.Segment(name),
                RequestedName.Segment(@namespace),
                cancellationToken: cancellationToken
            );
            return RequestedName.Expect(pod, V1Pod.KubeKind, @namespace, name);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Writes an Event.</summary>
    public Task CreateEventAsync(Corev1Event @event, CancellationToken cancellationToken) =>
        _kubernetes.CoreV1.CreateNamespacedEventAsync(
            @event,
            @event.Metadata.NamespaceProperty,
            cancellationToken: cancellationToken
        );

    /// <summary>Now, by the clock of this client.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    /// <inheritdoc/>
    public void Dispose() => _kubernetes.Dispose();

    /// <summary>Group, version and plural of an entity.</summary>
    public static KubernetesEntityAttribute KindOf<T>() =>
        typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()
        ?? throw new InvalidOperationException($"{typeof(T)} is no Kubernetes entity.");

    /// <summary>Asks, and asks again while the fault may pass.</summary>
    /// <exception cref="StepFailedException">The API server cannot be reached.</exception>
    private async Task<T> AskAsync<T>(Func<CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await _retry.ExecuteAsync(ask, cancellationToken);
        }
        catch (Exception e) when (e is not HttpOperationException && IsPassing(e))
        {
            var address = _kubernetes.BaseUri;
            throw new StepFailedException(
                $"Cannot reach the API server at {address}{EnvironmentProxy.Way(address)}: "
                    + $"{e.GetBaseException().Message}",
                e
            );
        }
    }

    private static bool IsPassing(Exception e) =>
        e switch
        {
            HttpOperationException refused => refused.Response.StatusCode == HttpStatusCode.TooManyRequests
                || (int)refused.Response.StatusCode >= 500,
            HttpRequestException or IOException => true,
            TaskCanceledException { InnerException: TimeoutException } => true,
            _ => false,
        };

    private static StepFailedException Refused(string what, HttpOperationException e) =>
        new(
            $"Cannot {what}: the API server answered {(int)e.Response.StatusCode} {e.Response.StatusCode}{Reason(e)}",
            e
        );

    private static string Reason(HttpOperationException e)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(e.Response.Content)?.Message is { Length: > 0 } message
                ? $": {message}"
                : "";
        }
        catch (System.Text.Json.JsonException)
        {
            return "";
        }
    }
}
