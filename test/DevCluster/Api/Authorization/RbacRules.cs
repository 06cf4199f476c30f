using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Authorization;

/// <summary>Reads from the stored roles and bindings what a user may do.</summary>
internal sealed class RbacRules(ObjectStore store)
{
    public const string Group = "rbac.authorization.k8s.io";

    /// <summary>The bindings that concern a user: cluster-wide ones, then those of the namespace.</summary>
    /// <returns>The rules, and how to name what grants them.</returns>
    public IEnumerable<(IReadOnlyList<PolicyRule> Rules, string Reason)> For(User user, string ns)
    {
        foreach (var binding in store.List($"clusterrolebindings.{Group}").Objects)
        {
            if (SubjectOf(binding, user) is { } subject)
            {
                yield return Granted(binding, subject, "ClusterRoleBinding", binding.Name);
            }
        }

        if (ns.Length == 0)
        {
            yield break;
        }

        foreach (var binding in store.List($"rolebindings.{Group}", ns).Objects)
        {
            if (SubjectOf(binding, user) is { } subject)
            {
                yield return Granted(binding, subject, "RoleBinding", $"{binding.Name}/{binding.Namespace}");
            }
        }
    }

    /// <summary>The role that a binding refers to; null when it does not exist.</summary>
    public JsonObject? Role(JsonObject? reference, string ns) =>
        reference.TextAt("kind") switch
        {
            "ClusterRole" => store.Get($"clusterroles.{Group}", string.Empty, reference.TextAt("name") ?? "")?.Value,
            "Role" => store.Get($"roles.{Group}", ns, reference.TextAt("name") ?? "")?.Value,
            _ => null,
        };

    private (IReadOnlyList<PolicyRule> Rules, string Reason) Granted(
        StoredObject binding,
        string subject,
        string kind,
        string name
    )
    {
        var reference = binding.Value.ObjectAt("roleRef");
        return (
            [.. PolicyRule.ReadAll(Role(reference, binding.Namespace))],
            $"RBAC: allowed by {kind} \"{name}\" of {reference.TextAt("kind")} \"{reference.TextAt("name")}\" to "
                + $"{subject}"
        );
    }

    private static string? SubjectOf(StoredObject binding, User user)
    {
        foreach (var subject in binding.Value.ArrayAt("subjects").Objects())
        {
            var name = subject.TextAt("name") ?? string.Empty;
            switch (subject.TextAt("kind"))
            {
                case "User" when name == user.Name:
                    return $"User \"{name}\"";
                case "Group" when user.Groups.Contains(name, StringComparer.Ordinal):
                    return $"Group \"{name}\"";
                case "ServiceAccount":
                    var ns = subject.TextAt("namespace") is { Length: > 0 } given ? given : binding.Namespace;
                    if (user.Name == $"system:serviceaccount:{ns}:{name}")
                    {
                        return $"ServiceAccount \"{name}/{ns}\"";
                    }

                    break;
                default:
                    break;
            }
        }

        return null;
    }
}
