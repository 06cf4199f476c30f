using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Authorization;
using Granary.DevCluster.Api.Discovery;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Resources;

namespace Granary.DevCluster.Api.Routing;

/// <summary>Every request comes through here: who, what, whether, and then whose work it is.</summary>
internal sealed class Router(
    ApiCore core,
    Authenticator authenticator,
    Authorizer authorizer,
    DiscoveryHandler discovery,
    ResourceHandler resources,
    IReadOnlyDictionary<string, ISubresourceHandler> subresources,
    ILogger logger
)
{
    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            var info = RequestInfo.Parse(http.Request.Method, http.Request.Path.Value ?? "/", http.Request.Query);
            http.Response.Headers["Audit-Id"] = Guid.NewGuid().ToString();
            http.Response.Headers.CacheControl = "no-cache, private";
            var user = authenticator.Authenticate(http);
            user = authorizer.Impersonate(http, user);
            authorizer.Require(user, info, core.Catalog.Find(info.Group, info.Version, info.Resource));
            await DispatchAsync(http, info, user);
        }
        catch (ApiStatusException e) when (!http.Response.HasStarted)
        {
            if (e.RetryAfter is { } seconds)
            {
                http.Response.Headers.RetryAfter = seconds.ToString();
            }

            await ResponseJson.WriteAsync(http, e.Code, e.ToStatus());
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client went away; there is nobody to answer.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            logger.LogError(e, "{Method} {Path} failed", http.Request.Method, http.Request.Path);
            await ResponseJson.WriteAsync(http, 500, ApiErrors.Internal(e.Message).ToStatus());
        }
    }

    private async Task DispatchAsync(HttpContext http, RequestInfo info, User user)
    {
        if (!info.IsResource)
        {
            if (!await discovery.TryHandleAsync(http, info.Path))
            {
                await ResponseJson.WriteTextAsync(http, 404, "404 page not found\n");
            }

            return;
        }

        var resource = core.Catalog.Find(info.Group, info.Version, info.Resource);
        if (resource is null)
        {
            if (core.Catalog.VersionsOf(info.Group).Contains(info.Version, StringComparer.Ordinal))
            {
                throw ApiErrors.NoSuchResource();
            }

            await ResponseJson.WriteTextAsync(http, 404, "404 page not found\n");
            return;
        }

        var request = new ApiRequest(http, info, resource, user);
        if (info.Subresource.Length > 0)
        {
            var part = resource.Subresource(info.Subresource) ?? throw ApiErrors.NoSuchResource();
            CheckVerb(part.Verbs, info.Verb, resource);
            ISubresourceHandler? handler = null;
            if (
                (!resource.IsCustom && subresources.TryGetValue($"{resource.Plural}/{part.Name}", out handler))
                || subresources.TryGetValue($"*/{part.Name}", out handler)
            )
            {
                await handler.HandleAsync(request);
                return;
            }
        }
        else
        {
            CheckVerb(resource.Verbs, info.Verb, resource);
            if (!resource.IsCustom && subresources.TryGetValue(resource.Plural, out var handler))
            {
                await handler.HandleAsync(request);
                return;
            }
        }

        await resources.HandleAsync(request);
    }

    private static void CheckVerb(IReadOnlyList<string> verbs, string verb, ResourceDefinition resource)
    {
        if (!verbs.Contains(verb, StringComparer.Ordinal))
        {
            throw ApiErrors.MethodNotAllowed(verb, resource);
        }
    }
}

/// <summary>Handles a part of a resource, or a resource that is not stored.</summary>
internal interface ISubresourceHandler
{
    Task HandleAsync(ApiRequest request);
}
