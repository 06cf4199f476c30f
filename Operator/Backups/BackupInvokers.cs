using System.Text.Json.Nodes;
using Granary.Api;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using k8s;
using k8s.Models;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Backups;

/// <summary>Finds whom a BackupSession is for, and the sessions beside it.</summary>
internal sealed class BackupInvokers(IKubernetesClient client, OperatorOptions options)
{
    /// <summary>The invoker; null when it does not exist.</summary>
    public async Task<BackupInvoker?> FindAsync(BackupSession session, CancellationToken cancellationToken)
    {
        var (name, @namespace) = (session.Spec.Invoker?.Name ?? "", session.Metadata.NamespaceProperty);
        return
            session.Spec.Invoker?.Kind == Kinds.BackupConfiguration
            && DnsName.IsSubdomain(name)
            && await client.GetAsync<BackupConfiguration>(name, @namespace, cancellationToken) is { } configuration
            ? BackupInvoker.Of(configuration)
            : null;
    }

    /// <summary>
    /// Gives a session that was written by hand the labels and the owner that scheduled ones are born with.
    /// </summary>
    /// <remarks>
    /// Sessions are found by these labels and collected by this owner, so both have to be there before anything is
    /// decided.
    /// </remarks>
    public async Task<BackupSession> AdoptAsync(
        BackupSession session,
        BackupInvoker invoker,
        CancellationToken cancellationToken
    )
    {
        var wanted = Labels.Session(
            invoker.Kind,
            invoker.Name,
            invoker.Namespace,
            invoker.Owner.Metadata.Labels,
            invoker.Members[0].Target
        );
        var missing = wanted
            .Where(label => Identifies(label.Key) && session.GetLabel(label.Key) != label.Value)
            .ToList();
        var isOwned =
            session.Metadata.OwnerReferences?.Any(reference => reference.Controller == true) == true
            || Ownership.IsOwnedBy(session, invoker.Owner);
        if (missing.Count == 0 && isOwned)
        {
            return session;
        }

        var metadata = new JsonObject { ["resourceVersion"] = session.Metadata.ResourceVersion };
        if (missing.Count > 0)
        {
            metadata["labels"] = new JsonObject(
                missing.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))
            );
        }

        if (!isOwned)
        {
            IEnumerable<V1OwnerReference> owners =
            [
                .. session.Metadata.OwnerReferences ?? [],
                Ownership.ControlledBy(invoker.Owner),
            ];
            metadata["ownerReferences"] = JsonNode.Parse(KubernetesJson.Serialize(owners));
        }

        var patch = new V1Patch(
            new JsonObject { ["metadata"] = metadata }.ToJsonString(),
            V1Patch.PatchType.MergePatch
        );
        return await client.PatchAsync<BackupSession>(
            patch,
            session.Metadata.Name,
            session.Metadata.NamespaceProperty,
            cancellationToken: cancellationToken
        );
    }

    /// <summary>All sessions of an invoker, this one included.</summary>
    /// <remarks>Labels only find them. Anybody may write those, so the specification decides.</remarks>
    public async Task<IReadOnlyList<BackupSession>> SessionsOfAsync(
        BackupInvoker invoker,
        CancellationToken cancellationToken
    )
    {
        var found = await client.ListAsync<BackupSession>(
            invoker.Namespace,
            $"{Labels.InvokerType}={invoker.Kind},{Labels.InvokerName}={Labels.Value(invoker.Name)}",
            cancellationToken: cancellationToken
        );
        return [.. found.Where(session => IsOf(session, invoker))];
    }

    /// <summary>
    /// Other unfinished sessions that may stand in the way: of the same invoker, or for the same target, wherever they
    /// are.
    /// </summary>
    /// <remarks>
    /// A session of another invoker counts only if that invoker exists, backs up this target, and is Ready to: what a
    /// session says of itself holds up nobody.
    /// </remarks>
    public async Task<IReadOnlyList<BackupSession>> RivalsOfAsync(
        BackupSession session,
        BackupInvoker invoker,
        CancellationToken cancellationToken
    )
    {
        var rivals = new Dictionary<string, BackupSession>();
        foreach (var sibling in await SessionsOfAsync(invoker, cancellationToken))
        {
            rivals[sibling.Metadata.Uid] = sibling;
        }

        var target = invoker.Members[0].Target;
        var known = new Dictionary<(string, string?, string?), bool>();
        foreach (var other in await SessionsForAsync(target, cancellationToken))
        {
            if (SessionPhase.IsFinal(other.Status.Phase) || IsOf(other, invoker))
            {
                continue;
            }

            var key = (other.Metadata.NamespaceProperty, other.Spec.Invoker?.Kind, other.Spec.Invoker?.Name);
            if (!known.TryGetValue(key, out var counts))
            {
                known[key] = counts = Competes(await FindAsync(other, cancellationToken), target);
            }

            if (counts)
            {
                rivals[other.Metadata.Uid] = other;
            }
        }

        rivals.Remove(session.Metadata.Uid);
        return [.. rivals.Values.Where(rival => !SessionPhase.IsFinal(rival.Status.Phase))];
    }

    private async Task<IList<BackupSession>> SessionsForAsync(TargetRef target, CancellationToken cancellationToken) =>
        await client.ListAsync<BackupSession>(
            options.WatchNamespace.Length > 0 ? options.WatchNamespace : null,
            $"{Labels.TargetKind}={Labels.Value(target.Kind ?? "")}"
                + $",{Labels.TargetName}={Labels.Value(target.Name ?? "")}"
                + $",{Labels.TargetNamespace}={Labels.Value(target.Namespace ?? "")}",
            cancellationToken: cancellationToken
        );

    private static bool IsOf(BackupSession session, BackupInvoker invoker) =>
        session.Metadata.NamespaceProperty == invoker.Namespace
        && session.Spec.Invoker?.Kind == invoker.Kind
        && session.Spec.Invoker?.Name == invoker.Name;

    private static bool Competes(BackupInvoker? invoker, TargetRef target) =>
        invoker is { Phase: InvokerPhase.Ready } && invoker.Members.Any(member => Targets.Same(member.Target, target));

    private static bool Identifies(string label) =>
        label
            is Labels.InvokerType
                or Labels.InvokerName
                or Labels.TargetKind
                or Labels.TargetName
                or Labels.TargetNamespace;
}
