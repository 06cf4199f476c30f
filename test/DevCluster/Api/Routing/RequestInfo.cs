namespace Granary.DevCluster.Api.Routing;

/// <summary>What a path asks for.</summary>
/// <param name="IsResource">False for discovery, health and the like.</param>
/// <param name="Verb">
/// get, list, watch, create, update, patch, delete or deletecollection; the method in lower case otherwise.
/// </param>
/// <param name="Namespace">Empty at cluster scope.</param>
/// <param name="Subpath">What follows the subresource, without a slash in front.</param>
internal sealed record RequestInfo(
    bool IsResource,
    string Path,
    string Verb,
    string Group = "",
    string Version = "",
    string Namespace = "",
    string Resource = "",
    string Name = "",
    string Subresource = "",
    string Subpath = ""
)
{
    private static readonly string[] NamespaceParts = ["status", "finalize"];

    public static RequestInfo Parse(string method, string path, IQueryCollection query)
    {
        var parts = path.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        int start;
        string group;
        string version;
        if (parts is ["api", _, _, ..])
        {
            (group, version, start) = (string.Empty, parts[1], 2);
        }
        else if (parts is ["apis", _, _, _, ..])
        {
            (group, version, start) = (parts[1], parts[2], 3);
        }
        else
        {
            return new RequestInfo(false, path, method.ToLowerInvariant());
        }

        var rest = parts[start..];
        var ns = string.Empty;
        if (rest is ["namespaces", var named, ..] && group.Length == 0)
        {
            ns = named;
            if (rest.Length > 2 && !NamespaceParts.Contains(rest[2], StringComparer.Ordinal))
            {
                rest = rest[2..];
            }
        }
        else if (rest is ["namespaces", var inGroup, _, ..])
        {
            ns = inGroup;
            rest = rest[2..];
        }

        var name = rest.Length > 1 ? rest[1] : string.Empty;
        return new RequestInfo(
            true,
            path,
            VerbOf(method, name, query),
            group,
            version,
            ns,
            rest[0],
            name,
            rest.Length > 2 ? rest[2] : string.Empty,
            rest.Length > 3 ? string.Join('/', rest[3..]) : string.Empty
        );
    }

    private static string VerbOf(string method, string name, IQueryCollection query) =>
        method switch
        {
            "GET" or "HEAD" when IsTrue(query["watch"]) => "watch",
            "GET" or "HEAD" => name.Length > 0 ? "get" : "list",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => name.Length > 0 ? "delete" : "deletecollection",
            _ => method.ToLowerInvariant(),
        };

    private static bool IsTrue(string? value) => value is "true" or "1" or "t" or "T" or "True" or "TRUE";
}
