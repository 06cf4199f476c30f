using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace KubeOps.Operator.Reconciliation;

/// <summary>Changes <c>metadata.finalizers</c> and nothing else.</summary>
/// <remarks>
/// A JSON patch that tests the resourceVersion: a full PUT of the typed object would lose every field that the class
/// lacks. When the object has changed since it was read, it is read again; only the list of finalizers is computed
/// anew.
/// </remarks>
internal static class FinalizerPatch
{
    private const int Attempts = 5;

    /// <summary>Adds finalizers that are missing.</summary>
    /// <returns>
    /// The object as it is now, or the one given when nothing was missing; null when it is gone or being deleted.
    /// </returns>
    public static Task<TEntity?> AttachAsync<TEntity>(
        IKubernetesClient client,
        TEntity entity,
        IReadOnlyCollection<string> identifiers,
        CancellationToken cancellationToken
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        ChangeAsync(
            client,
            entity,
            current => [.. current, .. identifiers.Except(current)],
            stopWhenDeleting: true,
            cancellationToken
        );

    /// <summary>Removes a finalizer.</summary>
    /// <returns>The object as it is now; null when it is gone, as it should be after its last finalizer.</returns>
    public static Task<TEntity?> DetachAsync<TEntity>(
        IKubernetesClient client,
        TEntity entity,
        string identifier,
        CancellationToken cancellationToken
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        ChangeAsync(
            client,
            entity,
            current => [.. current.Where(f => f != identifier)],
            stopWhenDeleting: false,
            cancellationToken
        );

    private static async Task<TEntity?> ChangeAsync<TEntity>(
        IKubernetesClient client,
        TEntity entity,
        Func<IList<string>, List<string>> change,
        bool stopWhenDeleting,
        CancellationToken cancellationToken
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var current = entity;
        for (var attempt = 1; ; attempt++)
        {
            var before = current.Metadata?.Finalizers ?? [];
            var after = change(before);
            if (after.Count == before.Count)
            {
                return current;
            }

            try
            {
                return await client.PatchAsync<TEntity>(
                    Patch(current, after),
                    current.Name(),
                    current.Namespace(),
                    cancellationToken: cancellationToken
                );
            }
            catch (HttpOperationException e) when (e.Response?.StatusCode == HttpStatusCode.NotFound)
            {
                return default;
            }
            catch (HttpOperationException e) when (IsOutdated(e) && attempt < Attempts)
            {
                var fresh = await client.GetAsync<TEntity>(current.Name(), current.Namespace(), cancellationToken);
                if (
                    fresh is null
                    || fresh.Uid() != current.Uid()
                    || (stopWhenDeleting && fresh.DeletionTimestamp() is not null)
                )
                {
                    return default;
                }

                if (fresh.ResourceVersion() == current.ResourceVersion())
                {
                    // Nothing changed, so the patch itself is refused, for instance by an admission webhook.
                    throw;
                }

                current = fresh;
            }
        }
    }

    private static V1Patch Patch<TEntity>(TEntity entity, List<string> finalizers)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var operations = new JsonArray
        {
            new JsonObject
            {
                ["op"] = "test",
                ["path"] = "/metadata/resourceVersion",
                ["value"] = entity.ResourceVersion(),
            },
            new JsonObject
            {
                ["op"] = "add",
                ["path"] = "/metadata/finalizers",
                ["value"] = JsonSerializer.SerializeToNode(finalizers),
            },
        };
        return new V1Patch(operations.ToJsonString(), V1Patch.PatchType.JsonPatch);
    }

    /// <summary>A failed test is 422 at the API server; a write that came between test and store is 409.</summary>
    private static bool IsOutdated(HttpOperationException error) =>
        error.Response?.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity;
}
