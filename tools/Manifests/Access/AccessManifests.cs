using System.Reflection;
using Granary.Manifests.Reference;
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
        List<object> cluster = [.. OperatorAccess.Cluster(context.Transpile(attributes))];
        List<object> own = [.. OperatorAccess.OwnNamespace()];
        files.Add($"{Folder}/operator.yaml", cluster);
        files.Add($"{Folder}/operator-namespace.yaml", own);
        List<V1ClusterRole> others = [.. UserRoles.All().Concat(JobRoles.All())];
        foreach (var role in others)
        {
            files.Add($"{Folder}/{role.Metadata.Name.Replace(':', '-')}.yaml", role);
        }

        AccessPage.AddTo(files, [.. others, .. cluster, .. own]);
    }
}
