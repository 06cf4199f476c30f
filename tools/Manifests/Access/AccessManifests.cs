using System.Reflection;
using k8s.Models;
using KubeOps.Transpiler;

namespace Granary.Manifests.Access;

/// <summary>Who may do what: the operator's rights from its code, the others by hand.</summary>
internal static class AccessManifests
{
    private const string Folder = "config/rbac";

    public static void AddTo(ManifestFiles files, MetadataLoadContext context, Assembly program)
    {
        var attributes = program
            .GetTypes()
            .SelectMany(type => type.CustomAttributes)
            .Where(attribute =>
                attribute.AttributeType.FullName
                    is "KubeOps.Abstractions.Rbac.EntityRbacAttribute"
                        or "KubeOps.Abstractions.Rbac.GenericRbacAttribute"
            );

        files.Add($"{Folder}/serviceaccount.yaml", OperatorAccess.ServiceAccount());
        files.Add($"{Folder}/operator.yaml", OperatorAccess.Cluster(context.Transpile(attributes)));
        files.Add($"{Folder}/operator-namespace.yaml", OperatorAccess.OwnNamespace());
        foreach (var role in JobRoles.All().Concat(UserRoles.All()))
        {
            files.Add($"{Folder}/{role.Metadata.Name.Replace(':', '-')}.yaml", role);
        }
    }
}
