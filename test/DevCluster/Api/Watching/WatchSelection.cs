using System.Globalization;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Reading;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Selectors;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Watching;

/// <summary>
/// Which changes a watch shows, and as what: an object that leaves the selection is deleted for the watcher.
/// </summary>
internal sealed class WatchSelection
{
    private readonly ApiRequest _request;
    private readonly string? _namespace;
    private readonly LabelSelector _labels;
    private readonly FieldSelector _fields;

    public WatchSelection(ApiRequest request)
    {
        _request = request;
        _namespace = ObjectReader.NamespaceOf(request);
        _labels = LabelSelector.Parse(request.Query("labelSelector"));
        _fields = FieldSelector.Parse(request.Query("fieldSelector"), request.Resource);
        if (request.Info.Name.Length > 0)
        {
            _fields = FieldSelector.Parse($"metadata.name={request.Info.Name}", request.Resource);
        }
    }

    public void Write(StoredChange change, WatchWriter writer)
    {
        if (_namespace is not null && change.Object.Namespace != _namespace)
        {
            return;
        }

        var was = change.Previous is { } previous && Selects(previous);
        var isNow = change.Type != ChangeType.Deleted && Selects(change.Object);
        if (isNow)
        {
            writer.Add(was ? "MODIFIED" : "ADDED", ApiCore.Present(_request.Resource, change.Object));
        }
        else if (was)
        {
            writer.Add("DELETED", Last(change));
        }
    }

    /// <summary>The last state that was selected, with the revision at which it left.</summary>
    private JsonObject Last(StoredChange change)
    {
        if (change.Type == ChangeType.Deleted)
        {
            return ApiCore.Present(_request.Resource, change.Object);
        }

        var last = ApiCore.Present(_request.Resource, change.Previous!);
        last.Child("metadata")["resourceVersion"] = change.Revision.ToString(CultureInfo.InvariantCulture);
        return last;
    }

    private bool Selects(StoredObject stored) => _labels.Matches(stored.Value) && _fields.Matches(stored.Value);
}
