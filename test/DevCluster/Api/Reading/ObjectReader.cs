using System.Globalization;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Selectors;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Reading;

/// <summary>A part of a list.</summary>
/// <param name="Continue">Where to go on; empty at the end.</param>
/// <param name="Remaining">How many objects follow, when that is known.</param>
internal sealed record ListPage(IReadOnlyList<JsonObject> Objects, long Revision, string Continue, int? Remaining);

/// <summary>Gets and lists.</summary>
internal sealed class ObjectReader(ApiCore core)
{
    public JsonObject Get(ApiRequest request)
    {
        var resource = request.Resource;
        var stored = core.Store.Get(resource.StorageKey, request.Namespace, request.Info.Name)
            ?? throw ApiErrors.NotFound(resource, request.Info.Name);
        return ApiCore.Present(resource, stored);
    }

    public ListPage List(ApiRequest request)
    {
        var resource = request.Resource;
        var (objects, revision) = Select(request);
        var limit = (int)Math.Clamp(request.Number("limit") ?? 0, 0, int.MaxValue);
        IEnumerable<StoredObject> rest = objects;
        var token = request.Query("continue");
        if (!string.IsNullOrEmpty(token))
        {
            var from = ContinueToken.Parse(token);
            revision = from.Revision;
            rest = objects.Where(o => string.CompareOrdinal(KeyOf(request, o), from.Start) > 0);
        }

        var all = rest.ToList();
        var page = limit > 0 && all.Count > limit ? all[..limit] : all;
        var left = all.Count - page.Count;
        var selective =
            !string.IsNullOrEmpty(request.Query("labelSelector"))
            || !string.IsNullOrEmpty(request.Query("fieldSelector"));
        return new ListPage(
            [.. page.Select(o => ApiCore.Present(resource, o))],
            revision,
            left > 0 ? new ContinueToken(revision, KeyOf(request, page[^1])).ToString() : string.Empty,
            left > 0 && !selective ? left : null
        );
    }

    /// <summary>What a request's selectors select, and the revision it is of.</summary>
    public (List<StoredObject> Objects, long Revision) Select(ApiRequest request)
    {
        var resource = request.Resource;
        var labels = LabelSelector.Parse(request.Query("labelSelector"));
        var fields = FieldSelector.Parse(request.Query("fieldSelector"), resource);
        var (objects, revision) = core.Store.List(resource.StorageKey, NamespaceOf(request));
        return ([.. objects.Where(o => labels.Matches(o.Value) && fields.Matches(o.Value))], revision);
    }

    /// <summary>The List object of a page.</summary>
    public static JsonObject ToList(ResourceDefinition resource, ListPage page)
    {
        var metadata = new JsonObject { ["resourceVersion"] = page.Revision.ToString(CultureInfo.InvariantCulture) };
        if (page.Continue.Length > 0 || resource.IsCustom)
        {
            metadata["continue"] = page.Continue;
        }

        if (page.Remaining is { } remaining)
        {
            metadata["remainingItemCount"] = remaining;
        }

        var items = new JsonArray();
        foreach (var value in page.Objects)
        {
            // Items of built-in lists do not repeat their type.
            if (!resource.IsCustom)
            {
                value.Remove("kind");
                value.Remove("apiVersion");
            }

            items.Add((JsonNode)value);
        }

        return new JsonObject
        {
            ["kind"] = resource.ListKind,
            ["apiVersion"] = resource.ApiVersion,
            ["metadata"] = metadata,
            ["items"] = items,
        };
    }

    /// <summary>Null lists every namespace.</summary>
    public static string? NamespaceOf(ApiRequest request) =>
        request.Resource.Namespaced && request.Info.Namespace.Length > 0 ? request.Info.Namespace : null;

    private static string KeyOf(ApiRequest request, StoredObject stored) =>
        NamespaceOf(request) is null && stored.Namespace.Length > 0
            ? $"/{stored.Namespace}/{stored.Name}"
            : $"/{stored.Name}";
}
