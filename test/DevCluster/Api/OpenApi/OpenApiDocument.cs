using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Schemas;
using k8s.Models;

namespace Granary.DevCluster.Api.OpenApi;

/// <summary>Makes the OpenAPI v3 document of one group version.</summary>
internal static class OpenApiDocument
{
    private static readonly string[] WriteParameters = ["dryRun", "fieldManager", "fieldValidation"];

    public static JsonObject Make(IReadOnlyList<ResourceDefinition> resources)
    {
        var schemas = new SchemaPublisher();
        var paths = new JsonObject();
        foreach (var resource in resources)
        {
            var name = Publish(resource, schemas);
            var root = resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.ApiVersion}";
            var collection = resource.Namespaced
                ? $"{root}/namespaces/{{namespace}}/{resource.Plural}"
                : $"{root}/{resource.Plural}";
            paths[collection] = Operations(resource, name, ("post", "post"), ("get", "list"));
            paths[$"{collection}/{{name}}"] = Operations(
                resource,
                name,
                ("get", "get"),
                ("put", "put"),
                ("patch", "patch"),
                ("delete", "delete")
            );
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.36.2" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas.Published },
        };
    }

    private static string Publish(ResourceDefinition resource, SchemaPublisher schemas)
    {
        if (resource.Custom is not { } custom)
        {
            return schemas.Publish(resource.Schema, Gvk(resource));
        }

        var document = custom.Document is null
            ? new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true }
            : (JsonObject)custom.Document.DeepClone();
        var properties = document["properties"] as JsonObject;
        if (properties is null)
        {
            document["properties"] = properties = [];
        }

        properties["apiVersion"] = new JsonObject
        {
            ["type"] = "string",
            ["description"] = CommonDescriptions.ApiVersion,
        };
        properties["kind"] = new JsonObject { ["type"] = "string", ["description"] = CommonDescriptions.Kind };
        properties["metadata"] = new JsonObject
        {
            ["description"] = CommonDescriptions.Metadata,
            ["allOf"] = new JsonArray(schemas.Reference(BuiltInSchemas.Of<V1ObjectMeta>())),
        };
        document["x-kubernetes-group-version-kind"] = new JsonArray(Gvk(resource));
        var name = string.Join('.', resource.Group.Split('.').Reverse()) + $".{resource.Version}.{resource.Kind}";
        schemas.Published[name] = document;
        return name;
    }

    private static JsonObject Operations(
        ResourceDefinition resource,
        string schema,
        params ReadOnlySpan<(string Method, string Action)> operations
    )
    {
        var item = new JsonObject();
        foreach (var (method, action) in operations)
        {
            var operation = new JsonObject
            {
                ["x-kubernetes-action"] = action,
                ["x-kubernetes-group-version-kind"] = Gvk(resource),
                ["responses"] = new JsonObject
                {
                    ["200"] = new JsonObject
                    {
                        ["description"] = "OK",
                        ["content"] = new JsonObject
                        {
                            ["application/json"] = new JsonObject
                            {
                                ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" },
                            },
                        },
                    },
                },
            };
            if (method is "post" or "put" or "patch")
            {
                operation["parameters"] = new JsonArray([
                    .. WriteParameters.Select(p =>
                        (JsonNode)
                            new JsonObject
                            {
                                ["name"] = p,
                                ["in"] = "query",
                                ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
                            }
                    ),
                ]);
            }

            item[method] = operation;
        }

        return item;
    }

    private static JsonObject Gvk(ResourceDefinition resource) =>
        new()
        {
            ["group"] = resource.Group,
            ["kind"] = resource.Kind,
            ["version"] = resource.Version,
        };
}
