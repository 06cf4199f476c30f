using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Cluster;

/// <summary>
/// Puts Stash's finalizers on objects: their names are part of the API, so KubeOps' derived ones are not used.
/// </summary>
internal static class FinalizerAttachment
{
    /// <summary>Adds the finalizer unless it is there, by a patch that touches nothing else.</summary>
    /// <returns>The object as it is stored then.</returns>
    public static async Task<TEntity> WithFinalizerAsync<TEntity>(
        this IKubernetesClient client,
        TEntity entity,
        string finalizer,
        CancellationToken cancellationToken
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var metadata = entity.Metadata;
        if (metadata.Finalizers?.Contains(finalizer) == true)
        {
            return entity;
        }

        JsonNode?[] finalizers = [.. (metadata.Finalizers ?? []).Select(name => (JsonNode?)name), finalizer];
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = metadata.ResourceVersion,
                ["finalizers"] = new JsonArray(finalizers),
            },
        };
        return await client.PatchAsync<TEntity>(
            new V1Patch(body.ToJsonString(), V1Patch.PatchType.MergePatch),
            metadata.Name,
            metadata.NamespaceProperty,
            cancellationToken: cancellationToken
        );
    }
}
