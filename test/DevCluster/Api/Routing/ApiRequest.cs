using System.Globalization;
using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Resources;

namespace Granary.DevCluster.Api.Routing;

/// <summary>A request to a resource, who makes it, and what it asks for besides.</summary>
internal sealed class ApiRequest(HttpContext http, RequestInfo info, ResourceDefinition resource, User user)
{
    public HttpContext Http => http;

    public RequestInfo Info => info;

    public ResourceDefinition Resource => resource;

    public User User => user;

    /// <summary>Told to the client in Warning headers.</summary>
    public List<string> Warnings { get; } = [];

    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>Namespace of stored objects: empty for cluster-scoped resources, whatever the path says.</summary>
    public string Namespace => resource.Namespaced ? info.Namespace : string.Empty;

    public bool DryRun { get; } = ReadDryRun(http);

    /// <summary>Who is recorded as the manager of what this request writes.</summary>
    public string FieldManager { get; } =
        Query(http, "fieldManager") is { Length: > 0 } manager ? manager : AgentName(http);

    /// <summary><c>Strict</c>, <c>Warn</c> or <c>Ignore</c>.</summary>
    public string FieldValidation { get; } = ReadFieldValidation(http);

    public string? Query(string name) => Query(http, name);

    public bool Flag(string name) => Query(name) is "true" or "1" or "t" or "T" or "True" or "TRUE";

    /// <exception cref="ApiStatusException">400: not a number.</exception>
    public long? Number(string name)
    {
        var text = Query(name);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiErrors.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
    }

    private static string? Query(HttpContext http, string name) => http.Request.Query[name];

    private static bool ReadDryRun(HttpContext http)
    {
        var values = http.Request.Query["dryRun"];
        return values.Count > 0
            && (
                values is ["All"]
                    ? true
                    : throw ApiErrors.BadRequest($"dryRun: Unsupported value: \"{values}\": supported values: \"All\"")
            );
    }

    private static string ReadFieldValidation(HttpContext http) =>
        Query(http, "fieldValidation") switch
        {
            null or "" or "Warn" => "Warn",
            "Strict" => "Strict",
            "Ignore" => "Ignore",
            var other => throw ApiErrors.BadRequest(
                $"fieldValidation: Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\""
            ),
        };

    /// <summary>The first word of the user agent, up to the slash.</summary>
    private static string AgentName(HttpContext http)
    {
        var agent = http.Request.Headers.UserAgent.ToString();
        var name = agent.Split('/', ' ')[0];
        return name.Length == 0 ? "unknown" : name;
    }
}
