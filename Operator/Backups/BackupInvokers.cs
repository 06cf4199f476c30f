using System.Text.Json.Nodes;
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
    public async Task<IList<BackupSession>> SessionsOfAsync(
        BackupInvoker invoker,
        CancellationToken cancellationToken
    ) =>
        await client.ListAsync<BackupSession>(
            invoker.Namespace,
            $"{Labels.InvokerType}={invoker.Kind},{Labels.InvokerName}={Labels.Value(invoker.Name)}",
            cancellationToken: cancellationToken
        );

    /// <summary>
    /// Other sessions that may stand in the way: of the same invoker, or for the same target, wherever they are.
    /// </summary>
    public async Task<IReadOnlyList<BackupSession>> RivalsOfAsync(
        BackupSession session,
        BackupInvoker invoker,
        CancellationToken cancellationToken
    )
    {
        var rivals = new Dictionary<string, BackupSession>();
        foreach (var rival in await SessionsOfAsync(invoker, cancellationToken))
        {
            rivals[rival.Metadata.Uid] = rival;
        }

        var target = invoker.Members[0].Target;
        var sameTarget =
            $"{Labels.TargetKind}={Labels.Value(target.Kind ?? "")}"
            + $",{Labels.TargetName}={Labels.Value(target.Name ?? "")}"
            + $",{Labels.TargetNamespace}={Labels.Value(target.Namespace ?? "")}";
        var everywhere = options.WatchNamespace.Length > 0 ? options.WatchNamespace : null;
        foreach (
            var rival in await client.ListAsync<BackupSession>(
                everywhere,
                sameTarget,
                cancellationToken: cancellationToken
            )
        )
        {
            rivals[rival.Metadata.Uid] = rival;
        }

        rivals.Remove(session.Metadata.Uid);
        return [.. rivals.Values];
    }

    private static bool Identifies(string label) =>
        label
            is Labels.InvokerType
                or Labels.InvokerName
                or Labels.TargetKind
                or Labels.TargetName
                or Labels.TargetNamespace;
}
