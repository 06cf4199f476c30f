using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Authorization;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Routing;

namespace Granary.DevCluster.Api.Admission;

/// <summary>
/// Nobody grants what they do not hold, unless they hold <c>escalate</c> or <c>bind</c> on that role.
/// </summary>
internal sealed class PrivilegeEscalation(Authorizer authorizer, RbacRules rules) : IAdmissionRule
{
    public ValueTask MutateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken)
    {
        var request = attempt.Request;
        if (
            request.Resource.Group != RbacRules.Group
            || attempt.Object is not { } value
            || request.User.Groups.Contains(User.Masters, StringComparer.Ordinal)
        )
        {
            return ValueTask.CompletedTask;
        }

        if (request.Resource.Plural is "roles" or "clusterroles")
        {
            CheckRole(attempt, value);
        }
        else
        {
            CheckBinding(attempt, value);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ValidateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    private void CheckRole(AdmissionAttempt attempt, JsonObject value)
    {
        if (
            attempt.Old is { } old
            && value["rules"].SameAs(old["rules"])
            && value["aggregationRule"].SameAs(old["aggregationRule"])
        )
        {
            return;
        }

        if (!May(attempt, "escalate", attempt.Request.Resource.Plural, attempt.Name))
        {
            // Whoever aggregates could grant anything later.
            var wanted = value["aggregationRule"] is null
                ? PolicyRule.ReadAll(value)
                : [new PolicyRule(["*"], ["*"], ["*"], [], []), new PolicyRule(["*"], [], [], [], ["*"])];
            RequireHeld(attempt, wanted);
        }
    }

    private void CheckBinding(AdmissionAttempt attempt, JsonObject value)
    {
        if (
            attempt.Old is { } old
            && value["roleRef"].SameAs(old["roleRef"])
            && value["subjects"].SameAs(old["subjects"])
        )
        {
            return;
        }

        var reference = value.ObjectAt("roleRef");
        var name = reference.TextAt("name") ?? string.Empty;
        if (May(attempt, "bind", reference.TextAt("kind") == "Role" ? "roles" : "clusterroles", name))
        {
            return;
        }

        var role = rules.Role(reference, attempt.Namespace)
            ?? throw new ApiStatusException(
                404,
                "NotFound",
                $"{(reference.TextAt("kind") == "Role" ? "roles" : "clusterroles")}.{RbacRules.Group} \"{name}\" not "
                    + "found",
                new JsonObject
                {
                    ["name"] = name,
                    ["group"] = RbacRules.Group,
                    ["kind"] = reference.TextAt("kind") == "Role" ? "roles" : "clusterroles",
                }
            );
        RequireHeld(attempt, PolicyRule.ReadAll(role));
    }

    private bool May(AdmissionAttempt attempt, string verb, string plural, string name) =>
        authorizer.Allowed(
            attempt.Request.User,
            new AccessAttributes(true, verb, RbacRules.Group, plural, string.Empty, attempt.Namespace, name)
        )
            is not null;

    private void RequireHeld(AdmissionAttempt attempt, IEnumerable<PolicyRule> wanted)
    {
        var user = attempt.Request.User;
        var held = rules.For(user, attempt.Namespace).SelectMany(g => g.Rules).ToArray();
        var missing = wanted
            .SelectMany(Atoms)
            .Where(a => !held.Any(h => Covers(h, a)))
            .Select(a => a.ToString())
            .ToArray();
        if (missing.Length > 0)
        {
            var groups = string.Join(' ', user.Groups.Select(g => $"\"{g}\""));
            throw ApiErrors.Forbidden(
                attempt.Request.Resource,
                attempt.Name,
                $"user \"{user.Name}\" (groups=[{groups}]) is attempting to grant RBAC permissions not currently "
                    + "held:\n"
                    + string.Join('\n', missing.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            );
        }
    }

    /// <summary>One rule per group, resource and name, so that each can be covered on its own.</summary>
    private static IEnumerable<PolicyRule> Atoms(PolicyRule rule)
    {
        foreach (var url in rule.Urls)
        {
            yield return new PolicyRule(rule.Verbs, [], [], [], [url]);
        }

        foreach (var group in rule.Groups)
        {
            foreach (var resource in rule.Resources)
            {
                foreach (var name in rule.Names.DefaultIfEmpty(string.Empty))
                {
                    yield return new PolicyRule(rule.Verbs, [group], [resource], name.Length == 0 ? [] : [name], []);
                }
            }
        }
    }

    private static bool Covers(PolicyRule held, PolicyRule atom)
    {
        static bool All(IReadOnlyList<string> holds, IEnumerable<string> wants) =>
            holds.Contains("*", StringComparer.Ordinal) || wants.All(w => holds.Contains(w, StringComparer.Ordinal));

        if (!All(held.Verbs, atom.Verbs))
        {
            return false;
        }

        if (atom.Urls.Count > 0)
        {
            return atom.Urls.All(u =>
                held.Urls.Any(h => h == u || (h.EndsWith('*') && u.StartsWith(h[..^1], StringComparison.Ordinal)))
            );
        }

        return All(held.Groups, atom.Groups)
            && All(held.Resources, atom.Resources)
            && (
                held.Names.Count == 0
                || (atom.Names.Count > 0 && atom.Names.All(n => held.Names.Contains(n, StringComparer.Ordinal)))
            );
    }
}
