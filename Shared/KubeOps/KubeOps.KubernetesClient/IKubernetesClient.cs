using k8s;
using k8s.Models;
using KubeOps.KubernetesClient.Selectors;

namespace KubeOps.KubernetesClient;

/// <summary>Typed access to every resource whose class carries <see cref="KubernetesEntityAttribute" />.</summary>
/// <remarks>
/// A namespace of null means the cluster path (all namespaces for lists and watches). Get answers null for what does
/// not exist, Delete accepts it; every other refusal is <see cref="k8s.Autorest.HttpOperationException" /> with the
/// status code. Members with a default implementation are built on the others, so a test double needs only those
/// without.
/// </remarks>
public interface IKubernetesClient : IDisposable
{
    /// <summary>The official client underneath.</summary>
    IKubernetes ApiClient { get; }

    /// <summary>Address of the API server.</summary>
    Uri BaseUri { get; }

    /// <summary>
    /// The namespace of the configuration, else of the variable, else of the service account, else <c>default</c>.
    /// </summary>
    Task<string> GetCurrentNamespaceAsync(
        string downwardApiEnvName = "POD_NAMESPACE",
        CancellationToken cancellationToken = default
    );

    /// <inheritdoc cref="GetCurrentNamespaceAsync" />
    string GetCurrentNamespace(string downwardApiEnvName = "POD_NAMESPACE");

    /// <summary>Reads an object; null when it does not exist.</summary>
    Task<TEntity?> GetAsync<TEntity>(
        string name,
        string? @namespace = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="GetAsync{TEntity}" />
    TEntity? Get<TEntity>(string name, string? @namespace = null)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Reads all objects that match, in one request.</summary>
    Task<IList<TEntity>> ListAsync<TEntity>(
        string? @namespace = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Reads all objects that match every selector.</summary>
    Task<IList<TEntity>> ListAsync<TEntity>(string? @namespace = null, params KubernetesSelector[] selectors)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        ListAsync<TEntity>(
            @namespace,
            selectors.LabelExpression(),
            selectors.FieldExpression(),
            CancellationToken.None
        );

    /// <summary>Reads all objects that match, in one request.</summary>
    IList<TEntity> List<TEntity>(string? @namespace = null, string? labelSelector = null, string? fieldSelector = null)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Reads all objects that match every selector.</summary>
    IList<TEntity> List<TEntity>(string? @namespace = null, params KubernetesSelector[] selectors)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        List<TEntity>(@namespace, selectors.LabelExpression(), selectors.FieldExpression());

    /// <summary>Creates the object, or replaces it whatever its state is: the last writer wins.</summary>
    async Task<TEntity> SaveAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var live = await GetAsync<TEntity>(entity.Name(), entity.Namespace(), cancellationToken);
        if (live is null)
        {
            return await CreateAsync(entity, cancellationToken);
        }

        entity.EnsureMetadata().ResourceVersion = live.ResourceVersion();
        return await UpdateAsync(entity, cancellationToken);
    }

    /// <summary>Saves several objects at once.</summary>
    async Task<IEnumerable<TEntity>> SaveAsync<TEntity>(
        IEnumerable<TEntity> entities,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        await Task.WhenAll(entities.Select(entity => SaveAsync(entity, cancellationToken)));

    /// <summary>Saves several objects at once.</summary>
    Task<IEnumerable<TEntity>> SaveAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => SaveAsync(entities.AsEnumerable());

    /// <inheritdoc cref="SaveAsync{TEntity}(TEntity,CancellationToken)" />
    TEntity Save<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        SaveAsync(entity, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Saves objects while they are enumerated: nothing happens before.</summary>
    IEnumerable<TEntity> Save<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => entities.Select(entity => Save(entity));

    /// <summary>Saves objects while they are enumerated: nothing happens before.</summary>
    IEnumerable<TEntity> Save<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Save(entities.AsEnumerable());

    /// <summary>Creates an object.</summary>
    Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Creates several objects at once.</summary>
    async Task<IEnumerable<TEntity>> CreateAsync<TEntity>(
        IEnumerable<TEntity> entities,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        await Task.WhenAll(entities.Select(entity => CreateAsync(entity, cancellationToken)));

    /// <summary>Creates several objects at once.</summary>
    Task<IEnumerable<TEntity>> CreateAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => CreateAsync(entities.AsEnumerable());

    /// <summary>Creates an object.</summary>
    TEntity Create<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        CreateAsync(entity, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Creates objects while they are enumerated: nothing happens before.</summary>
    IEnumerable<TEntity> Create<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => entities.Select(entity => Create(entity));

    /// <summary>Creates objects while they are enumerated: nothing happens before.</summary>
    IEnumerable<TEntity> Create<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Create(entities.AsEnumerable());

    /// <summary>
    /// Replaces an object. Its own resourceVersion is kept, so a change in between is a conflict (409).
    /// </summary>
    Task<TEntity> UpdateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Replaces several objects at once.</summary>
    async Task<IEnumerable<TEntity>> UpdateAsync<TEntity>(
        IEnumerable<TEntity> entities,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        await Task.WhenAll(entities.Select(entity => UpdateAsync(entity, cancellationToken)));

    /// <summary>Replaces several objects at once.</summary>
    Task<IEnumerable<TEntity>> UpdateAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => UpdateAsync(entities.AsEnumerable());

    /// <inheritdoc cref="UpdateAsync{TEntity}(TEntity,CancellationToken)" />
    TEntity Update<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        UpdateAsync(entity, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Replaces objects while they are enumerated: nothing happens before.</summary>
    IEnumerable<TEntity> Update<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => entities.Select(entity => Update(entity));

    /// <summary>Replaces objects while they are enumerated: nothing happens before.</summary>
    IEnumerable<TEntity> Update<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Update(entities.AsEnumerable());

    /// <summary>Replaces an object's status.</summary>
    Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Replaces an object's status.</summary>
    TEntity UpdateStatus<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Patches the object that has the entity's name and namespace.</summary>
    Task<TEntity> PatchAsync<TEntity>(
        TEntity entity,
        V1Patch patch,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        PatchAsync<TEntity>(patch, entity.Name(), entity.Namespace(), fieldManager, force, dryRun, cancellationToken);

    /// <summary>Patches an object; the content type follows the patch's type.</summary>
    Task<TEntity> PatchAsync<TEntity>(
        V1Patch patch,
        string name,
        string? @namespace = null,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Patches the object that has the entity's name and namespace.</summary>
    TEntity Patch<TEntity>(
        TEntity entity,
        V1Patch patch,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        PatchAsync(entity, patch, fieldManager, force, dryRun, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Patches an object; the content type follows the patch's type.</summary>
    TEntity Patch<TEntity>(
        V1Patch patch,
        string name,
        string? @namespace = null,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        PatchAsync<TEntity>(patch, name, @namespace, fieldManager, force, dryRun, CancellationToken.None)
            .GetAwaiter()
            .GetResult();

    /// <summary>Deletes an object; its dependents go in the background.</summary>
    Task DeleteAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        DeleteAsync<TEntity>(entity.Name(), entity.Namespace(), cancellationToken);

    /// <summary>Deletes several objects at once.</summary>
    Task DeleteAsync<TEntity>(IEnumerable<TEntity> entities, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        Task.WhenAll(entities.Select(entity => DeleteAsync(entity, cancellationToken)));

    /// <summary>Deletes several objects at once.</summary>
    Task DeleteAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => DeleteAsync(entities.AsEnumerable());

    /// <summary>
    /// Deletes an object; its dependents go in the background. What does not exist counts as deleted.
    /// </summary>
    Task DeleteAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="DeleteAsync{TEntity}(TEntity,CancellationToken)" />
    void Delete<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        DeleteAsync(entity, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Deletes several objects.</summary>
    void Delete<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        DeleteAsync(entities, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Deletes several objects.</summary>
    void Delete<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Delete(entities.AsEnumerable());

    /// <inheritdoc cref="DeleteAsync{TEntity}(string,string,CancellationToken)" />
    void Delete<TEntity>(string name, string? @namespace = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        DeleteAsync<TEntity>(name, @namespace, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Follows changes with callbacks until the watcher is disposed or the server ends the stream.</summary>
    Watcher<TEntity> Watch<TEntity>(
        Action<WatchEventType, TEntity> onEvent,
        Action<Exception>? onError = null,
        Action? onClose = null,
        string? @namespace = null,
        TimeSpan? timeout = null,
        bool? allowWatchBookmarks = null,
        string? resourceVersion = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Follows changes of the objects that match every selector.</summary>
    Watcher<TEntity> Watch<TEntity>(
        Action<WatchEventType, TEntity> onEvent,
        Action<Exception>? onError = null,
        Action? onClose = null,
        string? @namespace = null,
        TimeSpan? timeout = null,
        bool? allowWatchBookmarks = null,
        string? resourceVersion = null,
        CancellationToken cancellationToken = default,
        params KubernetesSelector[] selectors
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        Watch(
            onEvent,
            onError,
            onClose,
            @namespace,
            timeout,
            allowWatchBookmarks,
            resourceVersion,
            selectors.LabelExpression(),
            selectors.FieldExpression(),
            cancellationToken
        );

    /// <summary>Follows changes until the server ends the stream or the token is cancelled.</summary>
    /// <exception cref="KubernetesException">The server ended the watch with a status, e.g. 410 Gone.</exception>
    IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> WatchAsync<TEntity>(
        string? @namespace = null,
        string? resourceVersion = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        bool? allowWatchBookmarks = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>;
}
