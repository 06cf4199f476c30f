using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Granary.Worker.Cluster;

/// <summary>Changes an object's status without undoing what others write at the same time.</summary>
/// <remarks>
/// A merge patch carries the resourceVersion that was read. When somebody wrote in between, the API server refuses it,
/// and the change is made again on what is there now.
/// </remarks>
internal static class StatusWriter
{
    private const int MaxConflicts = 20;

    /// <summary>Reads, changes and writes, until no one interferes.</summary>
    /// <param name="cluster">The API server.</param>
    /// <param name="namespace">Namespace of the object.</param>
    /// <param name="name">Its name.</param>
    /// <param name="change">
    /// Answers the status members that are to be replaced, or null for no change. May be called again.
    /// </param>
    /// <param name="cancellationToken">Stops trying.</param>
    /// <returns>The object as it is after the change.</returns>
    /// <exception cref="StepFailedException">The object is gone, or others wrote again and again.</exception>
    public static async Task<T> UpdateAsync<T>(
        ClusterClient cluster,
        string @namespace,
        string name,
        Func<T, IReadOnlyDictionary<string, object?>?> change,
        CancellationToken cancellationToken
    )
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        for (var attempt = 0; attempt < MaxConflicts; attempt++)
        {
            var entity = await cluster.ReadAsync<T>(@namespace, name, cancellationToken);
            if (change(entity) is not { } members)
            {
                return entity;
            }

            if (await cluster.PatchStatusAsync(entity, Patch(entity, members), cancellationToken) is { } written)
            {
                return written;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20 * (attempt + 1)), cancellationToken);
        }

        throw new StepFailedException(
            $"The status of {ClusterClient.KindOf<T>().Kind} {@namespace}/{name} changes all the time; giving up "
                + $"after {MaxConflicts} conflicts"
        );
    }

    private static string Patch<T>(T entity, IReadOnlyDictionary<string, object?> members)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var status = new JsonObject();
        foreach (var (member, value) in members)
        {
            status[member] = JsonNode.Parse(KubernetesJson.Serialize(value));
        }

        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = entity.Metadata.ResourceVersion },
            ["status"] = status,
        }.ToJsonString();
    }
}
