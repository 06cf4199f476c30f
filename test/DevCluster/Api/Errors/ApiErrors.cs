using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Resources;

namespace Granary.DevCluster.Api.Errors;

/// <summary>The failures a client can meet, worded as the API server words them.</summary>
internal static class ApiErrors
{
    public static ApiStatusException NotFound(ResourceDefinition resource, string name) =>
        new(404, "NotFound", $"{resource.QualifiedName} \"{name}\" not found", Details(resource, name));

    /// <summary>No such path; what asks for an unknown resource receives.</summary>
    public static ApiStatusException NoSuchResource() =>
        new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiStatusException AlreadyExists(ResourceDefinition resource, string name) =>
        new(409, "AlreadyExists", $"{resource.QualifiedName} \"{name}\" already exists", Details(resource, name));

    public static ApiStatusException Modified(ResourceDefinition resource, string name) =>
        Conflict(
            resource,
            name,
            "the object has been modified; please apply your changes to the latest version and try again"
        );

    public static ApiStatusException Conflict(ResourceDefinition resource, string name, string because) =>
        new(
            409,
            "Conflict",
            $"Operation cannot be fulfilled on {resource.QualifiedName} \"{name}\": {because}",
            Details(resource, name)
        );

    public static ApiStatusException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiStatusException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiStatusException MethodNotAllowed(string verb, ResourceDefinition resource) =>
        new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
            new JsonObject { ["verb"] = verb, ["kind"] = resource.Plural }
        );

    public static ApiStatusException UnsupportedMediaType(IEnumerable<string> accepted) =>
        new(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: "
                + string.Join(", ", accepted)
        );

    public static ApiStatusException Expired(string message) => new(410, "Expired", message);

    public static ApiStatusException Internal(string message) =>
        new(
            500,
            "InternalError",
            $"Internal error occurred: {message}",
            new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) }
        );

    public static ApiStatusException TooManyRequests(string message, int retryAfter) =>
        new(429, "TooManyRequests", message, new JsonObject { ["retryAfterSeconds"] = retryAfter });

    /// <summary>Refused by an admission rule; the name is left out when the request had none.</summary>
    public static ApiStatusException Forbidden(
        ResourceDefinition resource,
        string? name,
        string because,
        JsonArray? causes = null
    )
    {
        var details = Details(resource, name);
        if (causes is not null)
        {
            details["causes"] = causes;
        }

        var subject = string.IsNullOrEmpty(name) ? resource.QualifiedName : $"{resource.QualifiedName} \"{name}\"";
        return new(403, "Forbidden", $"{subject} is forbidden: {because}", details);
    }

    public static ApiStatusException Invalid(string group, string kind, string name, IReadOnlyList<FieldError> errors)
    {
        var texts = errors.Select(e => e.ToString()).Distinct(StringComparer.Ordinal).ToArray();
        var details = new JsonObject();
        foreach (var (field, text) in ((string, string)[])[("name", name), ("group", group), ("kind", kind)])
        {
            if (text.Length > 0)
            {
                details[field] = text;
            }
        }

        details["causes"] = new JsonArray([
            .. errors.Select(e =>
                (JsonNode)
                    new JsonObject
                    {
                        ["reason"] = e.Reason,
                        ["message"] = e.Message,
                        ["field"] = e.Field,
                    }
            ),
        ]);
        var subject = group.Length > 0 ? $"{kind}.{group}" : kind;
        var list = texts.Length == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        return new(422, "Invalid", $"{subject} \"{name}\" is invalid: {list}", details);
    }

    private static JsonObject Details(ResourceDefinition resource, string? name)
    {
        var details = new JsonObject();
        if (!string.IsNullOrEmpty(name))
        {
            details["name"] = name;
        }

        if (resource.Group.Length > 0)
        {
            details["group"] = resource.Group;
        }

        details["kind"] = resource.Plural;
        return details;
    }
}
