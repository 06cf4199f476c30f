using k8s.Models;

namespace Granary.Manifests.Access;

/// <summary>Account, roles and bindings of the operator.</summary>
internal static class OperatorAccess
{
    private const string Name = "granary-operator";
    private const string Namespace = "granary-system";

    /// <summary>The Secret with the certificate of the webhook server.</summary>
    private const string CertificateSecret = "granary-operator-webhook-cert";

    private static readonly Dictionary<string, string> Labels = new()
    {
        ["app.kubernetes.io/name"] = "granary",
        ["app.kubernetes.io/component"] = "operator",
    };

    public static V1ServiceAccount ServiceAccount() =>
        new()
        {
            ApiVersion = "v1",
            Kind = V1ServiceAccount.KubeKind,
            Metadata = new V1ObjectMeta
            {
                Name = Name,
                NamespaceProperty = Namespace,
                Labels = Labels,
            },
        };

    /// <summary>What the operator may do in the whole cluster.</summary>
    /// <param name="fromCode">The rules that the operator's classes ask for.</param>
    public static IEnumerable<object> Cluster(IEnumerable<V1PolicyRule> fromCode)
    {
        yield return Rules.ClusterRole(
            Name,
            Labels,
            [
                .. Rules.Merge([
                    .. fromCode,
                    Rules.On(Rules.Core, ["events"], "create", "get", "list", "patch", "update"),
                    // Instead of holding what these roles grant: the operator gives them to Jobs and cannot use them
                    // itself.
                    Rules.OnNamed(
                        Rules.RbacGroup,
                        "clusterroles",
                        [JobRoles.CronJob, JobRoles.BackupJob, JobRoles.RestoreJob],
                        "bind"
                    ),
                    // What it makes blocks the deletion of its owner, which some clusters let only those do who may
                    // finalize the owner.
                    Rules.On(
                        Rules.Stash,
                        ["backupconfigurations/finalizers", "backupsessions/finalizers", "restoresessions/finalizers"],
                        "update"
                    ),
                    // To tell the API server which certificate the webhook server has.
                    Rules.OnNamed(
                        "admissionregistration.k8s.io",
                        "validatingwebhookconfigurations",
                        ["admission.stash.appscode.com"],
                        "get",
                        "patch",
                        "update"
                    ),
                ]),
            ]
        );
        yield return new V1ClusterRoleBinding
        {
            ApiVersion = $"{Rules.RbacGroup}/v1",
            Kind = V1ClusterRoleBinding.KubeKind,
            Metadata = new V1ObjectMeta { Name = Name, Labels = Labels },
            RoleRef = new V1RoleRef
            {
                ApiGroup = Rules.RbacGroup,
                Kind = V1ClusterRole.KubeKind,
                Name = Name,
            },
            Subjects = [Subject()],
        };
    }

    /// <summary>What the operator may do in its own namespace: elect a leader, keep its certificate.</summary>
    public static IEnumerable<object> OwnNamespace()
    {
        yield return new V1Role
        {
            ApiVersion = $"{Rules.RbacGroup}/v1",
            Kind = V1Role.KubeKind,
            Metadata = new V1ObjectMeta
            {
                Name = Name,
                NamespaceProperty = Namespace,
                Labels = Labels,
            },
            Rules =
            [
                Rules.On(Rules.Coordination, ["leases"], "create", "delete", "get", "list", "patch", "update", "watch"),
                // A name cannot limit creation: the object does not have one yet when it is asked for.
                Rules.On(Rules.Core, ["secrets"], "create"),
                Rules.OnNamed(Rules.Core, "secrets", [CertificateSecret], "get", "patch", "update"),
            ],
        };
        yield return new V1RoleBinding
        {
            ApiVersion = $"{Rules.RbacGroup}/v1",
            Kind = V1RoleBinding.KubeKind,
            Metadata = new V1ObjectMeta
            {
                Name = Name,
                NamespaceProperty = Namespace,
                Labels = Labels,
            },
            RoleRef = new V1RoleRef
            {
                ApiGroup = Rules.RbacGroup,
                Kind = V1Role.KubeKind,
                Name = Name,
            },
            Subjects = [Subject()],
        };
    }

    private static Rbacv1Subject Subject() =>
        new()
        {
            Kind = V1ServiceAccount.KubeKind,
            Name = Name,
            NamespaceProperty = Namespace,
        };
}
