using Granary.Api.Common;

namespace Granary.Api.Names;

/// <summary>Keys, values and sets of labels. Source: stash-behaviour §1.14.</summary>
public static class Labels
{
    public const string Component = "app.kubernetes.io/component";
    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string Instance = "app.kubernetes.io/instance";
    public const string Name = "app.kubernetes.io/name";

    public const string BackupComponent = "stash-backup";
    public const string RestoreComponent = "stash-restore";
    public const string ManagedByStash = "stash.appscode.com";
    public const string ManagedByKubeDb = "kubedb.com";

    public const string InvokerType = "stash.appscode.com/invoker-type";
    public const string InvokerName = "stash.appscode.com/invoker-name";

    /// <summary>
    /// On what is made in another namespace, where no owner reference reaches: the UID of the invoker or session that
    /// it was made for.
    /// </summary>
    public const string InvokerUid = "stash.appscode.com/invoker-uid";

    /// <summary>On the same: the invoker's namespace.</summary>
    public const string InvokerNamespace = "stash.appscode.com/invoker-namespace";

    public const string TargetKind = "stash.appscode.com/target-kind";
    public const string TargetName = "stash.appscode.com/target-name";
    public const string TargetNamespace = "stash.appscode.com/target-namespace";

    /// <summary>On the Jobs of a trigger CronJob; the value is <c>true</c>.</summary>
    public const string DeleteJobOnCompletion = "stash.appscode.com/delete-job-on-completion";

    /// <summary>Labels of what is made for an owner: the owner's own and Stash's, of which Stash's win.</summary>
    /// <param name="ownerLabels">Labels of the owner.</param>
    /// <param name="component"><see cref="BackupComponent"/> or <see cref="RestoreComponent"/>.</param>
    public static Dictionary<string, string> Offshoot(IDictionary<string, string>? ownerLabels, string component)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in ownerLabels ?? new Dictionary<string, string>())
        {
            if (!IsTracking(key))
            {
                labels[key] = value;
            }
        }

        labels[Component] = component;
        labels[ManagedBy] = ManagedByStash;
        return labels;
    }

    /// <summary>
    /// Labels by which GitOps tools and Helm know their own objects. On an offshoot they would make it look like an
    /// object that is no longer in Git, and Argo CD would prune it in the middle of a backup (stash-behaviour §8).
    /// </summary>
    private static bool IsTracking(string key) =>
        key is Instance
        || key.StartsWith("argocd.argoproj.io/", StringComparison.Ordinal)
        || key.StartsWith("kustomize.toolkit.fluxcd.io/", StringComparison.Ordinal)
        || key.StartsWith("helm.", StringComparison.Ordinal);

    /// <summary>Labels of a BackupSession.</summary>
    /// <param name="invokerKind">Kind of the invoker.</param>
    /// <param name="invokerName">Name of the invoker.</param>
    /// <param name="invokerNamespace">Namespace of the invoker, the target's own by default.</param>
    /// <param name="invokerLabels">Labels of the invoker.</param>
    /// <param name="target">The invoker's target; a batch's first.</param>
    public static Dictionary<string, string> Session(
        string invokerKind,
        string invokerName,
        string invokerNamespace,
        IDictionary<string, string>? invokerLabels,
        TargetRef? target
    )
    {
        var labels = Offshoot(invokerLabels, BackupComponent);
        labels[InvokerType] = invokerKind;
        labels[InvokerName] = Value(invokerName);
        if (target is not null)
        {
            labels[TargetKind] = Value(target.Kind ?? "");
            labels[TargetName] = Value(target.Name ?? "");
            labels[TargetNamespace] = Value(target.NamespaceOr(invokerNamespace));
        }

        return labels;
    }

    /// <summary>An object's name as a label value: names may have 253 characters, label values 63.</summary>
    /// <remarks>
    /// What no name has becomes a dash, so that the value fits into a selector whatever it comes from.
    /// </remarks>
    public static string Value(string name)
    {
        var plain = string.Concat(name.Select(one => IsPlain(one) ? one : '-')).Trim('-', '_', '.');
        return ObjectNames.Shorten(plain, ObjectNames.MaxLength);
    }

    private static bool IsPlain(char one) => char.IsAsciiLetterOrDigit(one) || one is '-' or '_' or '.';
}
