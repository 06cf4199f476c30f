using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Cluster;

/// <summary>
/// The one place that writes status: a merge patch on the subresource, against the version that was read.
/// </summary>
/// <remarks>
/// Two writers share a session's status, this program and the worker. The patch names only what changed and carries the
/// resourceVersion, so a write that crossed another is refused (409) and the reconcile runs again on what is there now.
/// </remarks>
internal sealed class StatusWriter(IKubernetesClient client)
{
    /// <summary>Remembers an object's status before it is changed in memory.</summary>
    public static StatusDraft<TEntity> Draft<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> => new(entity, StatusOf(entity));

    /// <summary>Writes what has changed since the draft began, and nothing when nothing has.</summary>
    /// <returns>Whether anything was written. The entity then carries the new resourceVersion.</returns>
    /// <exception cref="HttpOperationException">409 when the object was changed by someone else meanwhile.</exception>
    public async Task<bool> WriteAsync<TEntity>(StatusDraft<TEntity> draft, CancellationToken cancellationToken)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var now = StatusOf(draft.Entity);
        if (MergePatch.Between(draft.Before, now) is not { } changes)
        {
            return false;
        }

        var metadata = draft.Entity.Metadata;
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = metadata.ResourceVersion },
            ["status"] = changes,
        };
        var kind = draft.Entity.GetKubernetesEntityAttribute()
            ?? throw new InvalidOperationException($"{typeof(TEntity).Name} is not a Kubernetes entity");
        var stored = await client.ApiClient.CustomObjects.PatchNamespacedCustomObjectStatusAsync<TEntity>(
            new V1Patch(body.ToJsonString(), V1Patch.PatchType.MergePatch),
            kind.Group,
            kind.ApiVersion,
            metadata.NamespaceProperty,
            kind.PluralName,
            metadata.Name,
            cancellationToken: cancellationToken
        );
        metadata.ResourceVersion = stored.Metadata.ResourceVersion;
        draft.Before = now;
        return true;
    }

    public static bool IsConflict(HttpOperationException failure) =>
        failure.Response?.StatusCode == HttpStatusCode.Conflict;

    private static JsonObject StatusOf<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        JsonNode.Parse(KubernetesJson.Serialize(entity)) is JsonObject document
        && document["status"] is JsonObject status
            ? (JsonObject)status.DeepClone()
            : [];
}

/// <summary>An object whose status is being changed in memory, and what the status was.</summary>
internal sealed class StatusDraft<TEntity>(TEntity entity, JsonObject before)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    public TEntity Entity => entity;

    /// <summary>What the API server has.</summary>
    public JsonObject Before { get; set; } = before;
}
