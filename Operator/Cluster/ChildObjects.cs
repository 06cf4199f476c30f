using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Granary.Api.Names;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Cluster;

/// <summary>
/// Makes objects be as they were asked for. Repeating it is a no-op, so a crash anywhere is healed by the next
/// reconcile.
/// </summary>
internal sealed class ChildObjects(IKubernetesClient client)
{
    /// <summary>Members that describe an object rather than being what was asked for.</summary>
    private static readonly HashSet<string> Envelope = ["apiVersion", "kind", "metadata", "status"];

    /// <summary>
    /// Creates the object, or brings the stored one back in line; foreign labels and annotations stay.
    /// </summary>
    /// <exception cref="ForeignObjectException">
    /// An object of that name is there and belongs to something else.
    /// </exception>
    public async Task<TEntity> EnsureAsync<TEntity>(TEntity wanted, CancellationToken cancellationToken)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        Stamp(wanted);
        var metadata = wanted.Metadata;
        var stored = await client.GetAsync<TEntity>(metadata.Name, metadata.NamespaceProperty, cancellationToken);
        if (stored is null)
        {
            return await client.CreateAsync(wanted, cancellationToken);
        }

        RefuseForeign(stored, wanted);
        return Correction(Drift.Document(stored), Drift.Document(wanted)) is { } correction
            ? await client.PatchAsync<TEntity>(
                new V1Patch(correction.ToJsonString(), V1Patch.PatchType.MergePatch),
                metadata.Name,
                metadata.NamespaceProperty,
                cancellationToken: cancellationToken
            )
            : stored;
    }

    /// <summary>
    /// As <see cref="EnsureAsync"/>, for a binding: what it binds cannot be changed, so another one is made.
    /// </summary>
    public async Task EnsureBindingAsync(V1RoleBinding wanted, CancellationToken cancellationToken)
    {
        var metadata = wanted.Metadata;
        var stored = await client.GetAsync<V1RoleBinding>(metadata.Name, metadata.NamespaceProperty, cancellationToken);
        if (
            stored is not null
            && (stored.RoleRef.Kind != wanted.RoleRef.Kind || stored.RoleRef.Name != wanted.RoleRef.Name)
        )
        {
            RefuseForeign(stored, wanted);
            await client.DeleteAsync<V1RoleBinding>(metadata.Name, metadata.NamespaceProperty, cancellationToken);
        }

        await EnsureAsync(wanted, cancellationToken);
    }

    /// <summary>
    /// Creates a Job. One that is there already is ours when it has the same owner; nothing of it is ever changed.
    /// </summary>
    /// <exception cref="ForeignObjectException">
    /// It belongs to something else, or to an earlier owner of the same name.
    /// </exception>
    public async Task EnsureJobAsync(V1Job wanted, CancellationToken cancellationToken)
    {
        try
        {
            await client.CreateAsync(wanted, cancellationToken);
        }
        catch (HttpOperationException e) when (StatusWriter.IsConflict(e))
        {
            var stored = await client.GetAsync<V1Job>(
                wanted.Metadata.Name,
                wanted.Metadata.NamespaceProperty,
                cancellationToken
            );
            if (stored is not null)
            {
                RefuseForeign(stored, wanted);
            }
        }
    }

    /// <summary>Deletes an object of this name when the owner controls it; another's stays.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RemoveAsync<TEntity>(
        string name,
        IKubernetesObject<V1ObjectMeta> owner,
        CancellationToken cancellationToken
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var @namespace = owner.Metadata.NamespaceProperty;
        var stored = await client.GetAsync<TEntity>(name, @namespace, cancellationToken);
        if (stored is null || !Ownership.IsOwnedBy(stored, owner))
        {
            return false;
        }

        await client.DeleteAsync<TEntity>(name, @namespace, cancellationToken);
        return true;
    }

    /// <summary>The patch from what is stored to what is wanted; null when nothing differs.</summary>
    private static JsonObject? Correction(JsonObject stored, JsonObject wanted)
    {
        var correction = new JsonObject();
        if (IsStale(stored, wanted))
        {
            foreach (var (name, body) in wanted.Where(member => !Envelope.Contains(member.Key)))
            {
                if (stored[name] is not JsonObject was || body is not JsonObject will)
                {
                    correction[name] = body?.DeepClone();
                }
                else if (MergePatch.Between(was, will) is { } changes)
                {
                    // A member without a change is not mentioned: null would take it away.
                    correction[name] = changes;
                }
            }
        }

        var metadata = new JsonObject();
        foreach (var name in (string[])["labels", "annotations", "ownerReferences"])
        {
            if (!Drift.Contains(stored["metadata"]?[name], wanted["metadata"]?[name]))
            {
                metadata[name] = wanted["metadata"]?[name]?.DeepClone();
            }
        }

        if (correction.Count == 0 && metadata.Count == 0)
        {
            return null;
        }

        metadata["resourceVersion"] = stored["metadata"]?["resourceVersion"]?.DeepClone();
        correction["metadata"] = metadata;
        return correction;
    }

    private static bool IsStale(JsonObject stored, JsonObject wanted) =>
        (string?)stored["metadata"]?["annotations"]?[Drift.FingerprintAnnotation]
            != (string?)wanted["metadata"]?["annotations"]?[Drift.FingerprintAnnotation]
        || wanted.Any(member => !Envelope.Contains(member.Key) && !Drift.Contains(stored[member.Key], member.Value));

    private static void Stamp<TEntity>(TEntity wanted)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var body = new JsonObject(
            Drift
                .Document(wanted)
                .Where(member => !Envelope.Contains(member.Key))
                .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))
        );
        if (body.Count == 0)
        {
            return;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(body.ToJsonString()));
        wanted.Metadata.Annotations = new Dictionary<string, string>(
            wanted.Metadata.Annotations ?? new Dictionary<string, string>()
        )
        {
            [Drift.FingerprintAnnotation] = Convert.ToHexStringLower(hash.AsSpan(0, 16)),
        };
    }

    /// <summary>
    /// What another controller owns is left alone, and so is what an owner of the same name left that is being
    /// collected.
    /// </summary>
    private static void RefuseForeign<TEntity>(TEntity stored, TEntity wanted)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        // What lies in another namespace than its owner has no owner reference, but the owner's UID as a label.
        if (
            wanted.Metadata.Labels?.TryGetValue(Labels.InvokerUid, out var uid) == true
            && stored.GetLabel(Labels.InvokerUid) != uid
        )
        {
            throw new ForeignObjectException(
                $"{stored.Kind ?? typeof(TEntity).Name} {stored.Metadata.NamespaceProperty}/{stored.Metadata.Name}"
                    + " exists already and was not made for this object; an administrator has to delete it"
            );
        }

        var owner = stored.Metadata.OwnerReferences?.FirstOrDefault(reference => reference.Controller == true);
        var self = wanted.Metadata.OwnerReferences?.FirstOrDefault(reference => reference.Controller == true);
        if (self is not null && owner?.Uid != self.Uid)
        {
            var belongs = owner is null ? "has no owner" : $"belongs to {owner.Kind} {owner.Name} (UID {owner.Uid})";
            throw new ForeignObjectException(
                $"{stored.Kind ?? typeof(TEntity).Name} {stored.Metadata.Name} exists already and {belongs};"
                    + $" delete it, or rename {self.Kind} {self.Name}"
            );
        }
    }
}

/// <summary>An object that has to be made exists already and is not ours.</summary>
internal sealed class ForeignObjectException(string message) : Exception(message);
