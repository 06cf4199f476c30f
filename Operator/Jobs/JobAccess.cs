using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Operator.Cluster;
using k8s;
using k8s.Models;

namespace Granary.Operator.Jobs;

/// <summary>Accounts, bindings and roles for the pods of an invoker. Source: stash-behaviour §2.7.</summary>
internal sealed record JobAccess
{
    private const string RbacGroup = "rbac.authorization.k8s.io";

    /// <summary>The account that pods run as; made by us unless the user names one.</summary>
    public required string ServiceAccountName { get; init; }

    /// <summary>Null when the user names an account.</summary>
    public required V1ServiceAccount? ServiceAccount { get; init; }

    /// <summary>Binds the account to one of the ClusterRoles that are installed with the operator.</summary>
    public required V1RoleBinding Binding { get; init; }

    /// <summary>
    /// The right to exactly one Repository: with its Secret for a Job of another namespace, with its status for one
    /// that looks after it. Null for a Job that uses a Repository of its own namespace.
    /// </summary>
    public V1Role? RepositoryRole { get; init; }

    public V1RoleBinding? RepositoryBinding { get; init; }

    /// <summary>For the pods of a trigger CronJob.</summary>
    public static JobAccess ForTrigger(
        IKubernetesObject<V1ObjectMeta> invoker,
        string name,
        PodRuntimeSettings? settings
    ) => Build(invoker, name, ClusterRoleNames.CronJob, Labels.BackupComponent, settings);

    /// <summary>For the Job of one target.</summary>
    /// <param name="jobName">Name of the Job, which is in the invoker's namespace.</param>
    /// <param name="clusterRole">Backup's or restore's, see <see cref="ClusterRoleNames"/>.</param>
    public static JobAccess ForJob(
        IKubernetesObject<V1ObjectMeta> invoker,
        int targetIndex,
        string jobName,
        string clusterRole,
        string component,
        PodRuntimeSettings? settings,
        Repository repository
    )
    {
        var access = Build(
            invoker,
            ObjectNames.JobServiceAccount(invoker.Kind, invoker.Metadata.Name, targetIndex),
            clusterRole,
            component,
            settings
        );
        var own = invoker.Metadata.NamespaceProperty;
        var other = repository.Metadata.NamespaceProperty;
        if (other == own)
        {
            return access;
        }

        var metadata = GrantMetadata(invoker, jobName, component, repository);
        return access with
        {
            RepositoryRole = Role(metadata, RepositoryRules(repository)),
            RepositoryBinding = new V1RoleBinding
            {
                ApiVersion = $"{RbacGroup}/v1",
                Kind = V1RoleBinding.KubeKind,
                Metadata = GrantMetadata(invoker, jobName, component, repository),
                RoleRef = RefTo(V1Role.KubeKind, metadata.Name),
                Subjects = [Subject(access.ServiceAccountName, own)],
            },
        };
    }

    /// <summary>
    /// For the Jobs that look after a Repository, in its own namespace: they may write its status, and nothing else.
    /// </summary>
    public static JobAccess ForMaintenance(Repository repository)
    {
        var name = ObjectNames.MaintenanceAccount(repository.Metadata.Name);
        var access = Build(repository, name, clusterRole: "", Labels.BackupComponent, settings: null);
        access.Binding.RoleRef = RefTo(V1Role.KubeKind, name);
        return access with
        {
            RepositoryRole = Role(
                new V1ObjectMeta
                {
                    Name = name,
                    NamespaceProperty = repository.Metadata.NamespaceProperty,
                    Labels = Labels.Offshoot(repository.Metadata.Labels, Labels.BackupComponent),
                    OwnerReferences = [Ownership.ControlledBy(repository)],
                },
                [
                    Rule("repositories", repository.Metadata.Name, "get"),
                    Rule("repositories/status", repository.Metadata.Name, "get", "patch", "update"),
                ]
            ),
        };
    }

    /// <summary>Makes accounts, bindings and roles be there.</summary>
    public async Task EnsureAsync(ChildObjects children, CancellationToken cancellationToken)
    {
        if (ServiceAccount is { } account)
        {
            await children.EnsureAsync(account, cancellationToken);
        }

        // The API server takes no binding to a Role that is not there.
        if (RepositoryRole is { } role)
        {
            await children.EnsureAsync(role, cancellationToken);
        }

        await children.EnsureBindingAsync(Binding, cancellationToken);

        if (RepositoryBinding is { } binding)
        {
            await children.EnsureBindingAsync(binding, cancellationToken);
        }
    }

    /// <summary>
    /// An owner reference cannot cross namespaces, so labels and annotations say whose it is and which Job it serves;
    /// <see cref="RepositoryGrants"/> takes it away with that Job.
    /// </summary>
    private static V1ObjectMeta GrantMetadata(
        IKubernetesObject<V1ObjectMeta> invoker,
        string jobName,
        string component,
        Repository repository
    )
    {
        var own = invoker.Metadata.NamespaceProperty;
        var labels = Labels.Offshoot(null, component);
        labels[Labels.InvokerType] = invoker.Kind;
        labels[Labels.InvokerName] = Labels.Value(invoker.Metadata.Name);
        labels[Labels.InvokerNamespace] = own;
        labels[Labels.InvokerUid] = invoker.Metadata.Uid;
        return new V1ObjectMeta
        {
            Name = ObjectNames.RepositoryRole(own, jobName),
            NamespaceProperty = repository.Metadata.NamespaceProperty,
            Labels = labels,
            Annotations = new Dictionary<string, string>
            {
                [Annotations.ServedJob] = $"{own}/{jobName}",
                [Annotations.GrantedRepository] = repository.Metadata.Name,
            },
        };
    }

    private static JobAccess Build(
        IKubernetesObject<V1ObjectMeta> invoker,
        string name,
        string clusterRole,
        string component,
        PodRuntimeSettings? settings
    )
    {
        var labels = Labels.Offshoot(invoker.Metadata.Labels, component);
        var own = invoker.Metadata.NamespaceProperty;
        var given = settings?.ServiceAccountName is { Length: > 0 } account ? account : null;
        return new JobAccess
        {
            ServiceAccountName = given ?? name,
            ServiceAccount = given is not null
                ? null
                : new V1ServiceAccount
                {
                    ApiVersion = "v1",
                    Kind = V1ServiceAccount.KubeKind,
                    Metadata = new V1ObjectMeta
                    {
                        Name = name,
                        NamespaceProperty = own,
                        Labels = labels,
                        Annotations = settings?.ServiceAccountAnnotations,
                        OwnerReferences = [Ownership.ControlledBy(invoker)],
                    },
                },
            Binding = new V1RoleBinding
            {
                ApiVersion = $"{RbacGroup}/v1",
                Kind = V1RoleBinding.KubeKind,
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    NamespaceProperty = own,
                    Labels = labels,
                    OwnerReferences = [Ownership.ControlledBy(invoker)],
                },
                RoleRef = RefTo("ClusterRole", clusterRole),
                Subjects = [Subject(given ?? name, own)],
            },
        };
    }

    /// <summary>No right that the operator does not hold itself: Kubernetes would refuse the Role.</summary>
    private static List<V1PolicyRule> RepositoryRules(Repository repository)
    {
        var rules = new List<V1PolicyRule> { Rule("repositories", repository.Metadata.Name, "get") };
        if (repository.Spec.Backend?.StorageSecretName is { Length: > 0 } secret)
        {
            rules.Add(
                new V1PolicyRule
                {
                    ApiGroups = [""],
                    Resources = ["secrets"],
                    ResourceNames = [secret],
                    Verbs = ["get"],
                }
            );
        }

        return rules;
    }

    private static V1Role Role(V1ObjectMeta metadata, IList<V1PolicyRule> rules) =>
        new()
        {
            ApiVersion = $"{RbacGroup}/v1",
            Kind = V1Role.KubeKind,
            Metadata = metadata,
            Rules = rules,
        };

    private static V1RoleRef RefTo(string kind, string name) =>
        new()
        {
            ApiGroup = RbacGroup,
            Kind = kind,
            Name = name,
        };

    private static V1PolicyRule Rule(string resource, string name, params IList<string> verbs) =>
        new()
        {
            ApiGroups = [Kinds.StashGroup],
            Resources = [resource],
            ResourceNames = [name],
            Verbs = verbs,
        };

    private static Rbacv1Subject Subject(string serviceAccount, string @namespace) =>
        new()
        {
            Kind = "ServiceAccount",
            Name = serviceAccount,
            NamespaceProperty = @namespace,
        };
}
