using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;

namespace Granary.DevCluster.Api.Authorization;

/// <summary>Decides who may do what, by roles and bindings.</summary>
internal sealed class Authorizer(RbacRules rules)
{
    private const string Authentication = "authentication.k8s.io";

    /// <summary>Why it is allowed, or null when it is not.</summary>
    public string? Allowed(User user, AccessAttributes access)
    {
        if (user.Groups.Contains(User.Masters, StringComparer.Ordinal))
        {
            return string.Empty;
        }

        return rules
            .For(user, access.Namespace)
            .Where(g => g.Rules.Any(r => r.Allows(access)))
            .Select(g => g.Reason)
            .FirstOrDefault();
    }

    /// <exception cref="ApiStatusException">403</exception>
    public void Require(User user, RequestInfo info, ResourceDefinition? resource)
    {
        var access = new AccessAttributes(
            info.IsResource,
            info.Verb,
            info.Group,
            info.Resource,
            info.Subresource,
            info.Namespace,
            info.Name,
            info.Path
        );
        if (Allowed(user, access) is null)
        {
            throw Refusal(user, access);
        }
    }

    /// <summary>The user that a request wants to be, when its maker may impersonate.</summary>
    public User Impersonate(HttpContext http, User user)
    {
        var name = http.Request.Headers["Impersonate-User"].ToString();
        if (name.Length == 0)
        {
            return user;
        }

        var groups = http
            .Request.Headers["Impersonate-Group"]
            .Where(g => !string.IsNullOrEmpty(g))
            .Select(g => g!)
            .ToList();
        RequireImpersonation(user, "users", name);
        foreach (var group in groups)
        {
            RequireImpersonation(user, "groups", group);
        }

        if (name.Split(':') is ["system", "serviceaccount", var ns, _] && groups.Count == 0)
        {
            groups.AddRange(["system:serviceaccounts", $"system:serviceaccounts:{ns}"]);
        }

        if (!groups.Contains(User.Authenticated, StringComparer.Ordinal) && name != User.Anonymous.Name)
        {
            groups.Add(User.Authenticated);
        }

        var uid = http.Request.Headers["Impersonate-Uid"].ToString();
        if (uid.Length > 0)
        {
            RequireImpersonation(user, "uids", uid, Authentication);
        }

        return new User(name, uid, groups, ImpersonatedExtra(http, user));
    }

    private JsonObject ImpersonatedExtra(HttpContext http, User user)
    {
        const string prefix = "Impersonate-Extra-";
        var extra = new JsonObject();
        foreach (var (header, values) in http.Request.Headers)
        {
            if (!header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var key = Uri.UnescapeDataString(header[prefix.Length..]).ToLowerInvariant();
            foreach (var value in values)
            {
                RequireImpersonation(user, "userextras", value ?? string.Empty, Authentication, key);
            }

            extra[key] = new JsonArray([.. values.Select(v => (JsonNode?)v)]);
        }

        return extra;
    }

    public static ApiStatusException Refusal(User user, AccessAttributes access)
    {
        if (!access.IsResource)
        {
            return new(
                403,
                "Forbidden",
                $"forbidden: User \"{user.Name}\" cannot {access.Verb} path \"{access.Path}\"",
                []
            );
        }

        var qualified = access.Group.Length == 0 ? access.Resource : $"{access.Resource}.{access.Group}";
        var what = access.Subresource.Length == 0 ? access.Resource : $"{access.Resource}/{access.Subresource}";
        var where = access.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{access.Namespace}\"";
        var subject = access.Name.Length == 0 ? qualified : $"{qualified} \"{access.Name}\"";
        var details = new JsonObject();
        if (access.Name.Length > 0)
        {
            details["name"] = access.Name;
        }

        if (access.Group.Length > 0)
        {
            details["group"] = access.Group;
        }

        details["kind"] = access.Resource;
        return new(
            403,
            "Forbidden",
            $"{subject} is forbidden: User \"{user.Name}\" cannot {access.Verb} resource \"{what}\" in API group "
                + $"\"{access.Group}\" {where}",
            details
        );
    }

    private void RequireImpersonation(User user, string kind, string name, string group = "", string part = "")
    {
        var access = new AccessAttributes(true, "impersonate", group, kind, part, string.Empty, name);
        if (Allowed(user, access) is null)
        {
            throw Refusal(user, access);
        }
    }
}
