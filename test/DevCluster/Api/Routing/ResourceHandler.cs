using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Patching;
using Granary.DevCluster.Api.Reading;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Schemas;
using Granary.DevCluster.Api.Tables;
using Granary.DevCluster.Api.Watching;
using Granary.DevCluster.Api.Writing;

namespace Granary.DevCluster.Api.Routing;

/// <summary>Carries out requests to resources: one method per verb.</summary>
internal sealed class ResourceHandler(
    ObjectReader reader,
    ObjectCreator creator,
    ObjectUpdater updater,
    ObjectDeleter deleter,
    PatchHandler patcher,
    WatchStreamer watcher,
    TableMaker tables,
    CancellationToken lifetime
)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var representation = Representation.Of(request, tables);
        switch (request.Info.Verb)
        {
            case "get":
                await RespondAsync(request, 200, representation.One(reader.Get(request)));
                break;
            case "list":
                await RespondAsync(request, 200, representation.Many(reader.List(request)));
                break;
            case "watch":
                using (var writer = new WatchWriter(request.Http, representation.Event))
                {
                    await watcher.StreamAsync(request, writer, lifetime);
                }

                break;
            case "create":
                await RespondAsync(request, 201, representation.One(await CreateAsync(request)));
                break;
            case "update":
                await RespondAsync(request, 200, representation.One(await UpdateAsync(request)));
                break;
            case "patch":
                var (value, created) = await patcher.PatchAsync(request, request.Info.Subresource);
                await RespondAsync(request, created ? 201 : 200, representation.One(value));
                break;
            case "delete":
                await RespondAsync(request, 200, representation.One(await DeleteAsync(request)));
                break;
            case "deletecollection":
                await RespondAsync(request, 200, representation.Many(await DeleteCollectionAsync(request)));
                break;
            default:
                throw ApiErrors.MethodNotAllowed(request.Info.Verb, request.Resource);
        }
    }

    /// <summary>Writes a body with the warnings that came up on the way.</summary>
    public static Task RespondAsync(ApiRequest request, int code, JsonObject body)
    {
        WarningHeaders.Write(request.Http, request.Warnings);
        return ResponseJson.WriteAsync(request.Http, code, body);
    }

    private async Task<JsonObject> CreateAsync(ApiRequest request)
    {
        var findings = new DecodeFindings();
        var value = await BodyReader.ReadObjectAsync(request.Http, request.Resource.Kind, findings);
        ObjectDecoder.Decode(request, value, findings);
        return await creator.CreateAsync(request, value, request.Aborted);
    }

    private async Task<JsonObject> UpdateAsync(ApiRequest request)
    {
        var findings = new DecodeFindings();
        var value = await BodyReader.ReadObjectAsync(request.Http, request.Resource.Kind, findings);
        ObjectDecoder.Decode(request, value, findings);
        return await updater.UpdateAsync(
            request,
            request.Info.Subresource,
            _ => value.Copy(),
            isApply: false,
            request.Aborted
        );
    }

    private async Task<JsonObject> DeleteAsync(ApiRequest request)
    {
        var options = DeleteOptions.Read(request, await ReadOptionsAsync(request));
        var result = await deleter.DeleteAsync(request, request.Namespace, request.Info.Name, options, request.Aborted);
        return result.Gone && !request.Resource.Strategy.ReturnsDeletedObject
            ? Success(request.Resource, result.Object)
            : result.Object;
    }

    private async Task<ListPage> DeleteCollectionAsync(ApiRequest request)
    {
        var options = DeleteOptions.Read(request, await ReadOptionsAsync(request));
        var page = reader.List(request);
        foreach (var value in page.Objects)
        {
            try
            {
                await deleter.DeleteAsync(
                    request,
                    request.Resource.Namespaced ? value.TextAt("metadata", "namespace") ?? string.Empty : string.Empty,
                    value.TextAt("metadata", "name")!,
                    options,
                    request.Aborted
                );
            }
            catch (ApiStatusException e) when (e.Code == 404)
            {
                // Somebody else deleted it first, which is what was asked for.
            }
        }

        return page;
    }

    private static async Task<JsonObject?> ReadOptionsAsync(ApiRequest request)
    {
        if (
            request.Http.Request.ContentLength is 0
            || (
                request.Http.Request.ContentLength is null
                && !request.Http.Request.Headers.ContainsKey("Transfer-Encoding")
                && request.Http.Request.ContentType is null
            )
        )
        {
            return null;
        }

        var bytes = await BodyReader.ReadBytesAsync(request.Http);
        return bytes.Length == 0
            ? null
            : BodyReader.Parse(bytes, BodyReader.MediaType(request.Http), "DeleteOptions", new DecodeFindings())
                as JsonObject;
    }

    private static JsonObject Success(ResourceDefinition resource, JsonObject value)
    {
        var details = new JsonObject { ["name"] = value.TextAt("metadata", "name") };
        if (resource.Group.Length > 0)
        {
            details["group"] = resource.Group;
        }

        details["kind"] = resource.Plural;
        details["uid"] = value.TextAt("metadata", "uid");
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }
}
