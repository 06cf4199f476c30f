using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Reading;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Tables;

namespace Granary.DevCluster.Api.Routing;

/// <summary>The form in which a client wants objects: whole, as rows of a table, or their metadata only.</summary>
internal sealed class Representation
{
    private readonly ResourceDefinition _resource;
    private readonly string _form;
    private readonly string _include;
    private readonly TableMaker _tables;
    private bool _columnsSent;

    private Representation(ResourceDefinition resource, string form, string include, TableMaker tables)
    {
        _resource = resource;
        _form = form;
        _include = include;
        _tables = tables;
    }

    /// <exception cref="ApiStatusException">406: nothing that the client accepts can be made.</exception>
    public static Representation Of(ApiRequest request, TableMaker tables)
    {
        var accept = request.Http.Request.Headers.Accept.ToString();
        var form =
            accept.Length == 0
                ? "Object"
                : accept.Split(',').Select(FormOf).FirstOrDefault(f => f is not null)
                    ?? throw new ApiStatusException(
                        406,
                        "NotAcceptable",
                        "only the following media types are accepted: application/json"
                    );
        return new Representation(request.Resource, form, request.Query("includeObject") ?? "Metadata", tables);
    }

    public JsonObject One(JsonObject value) =>
        _form switch
        {
            "Table" when value.TextAt("kind") != "Status" => _tables.Make(
                _resource,
                [value],
                new JsonObject { ["resourceVersion"] = value.TextAt("metadata", "resourceVersion") ?? string.Empty },
                _include
            ),
            "PartialObjectMetadata" when value.TextAt("kind") != "Status" => TableMaker.Partial(value),
            _ => value,
        };

    /// <summary>An object of a watch: later tables leave their columns out.</summary>
    public JsonObject Event(JsonObject value)
    {
        var result = One(value);
        if (_form == "Table" && result.TextAt("kind") == "Table")
        {
            if (_columnsSent)
            {
                result["columnDefinitions"] = new JsonArray();
            }

            _columnsSent = true;
        }

        return result;
    }

    public JsonObject Many(ListPage page)
    {
        if (_form is not ("Table" or "PartialObjectMetadata" or "PartialObjectMetadataList"))
        {
            return ObjectReader.ToList(_resource, page);
        }

        var whole = page.Objects.Select(o => o.Copy()).ToArray();
        var metadata = ObjectReader.ToList(_resource, page).ObjectAt("metadata")!.Copy();
        if (metadata.TextAt("continue") is "")
        {
            metadata.Remove("continue");
        }

        return _form == "Table"
            ? _tables.Make(_resource, whole, metadata, _include)
            : new JsonObject
            {
                ["kind"] = "PartialObjectMetadataList",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = metadata,
                ["items"] = new JsonArray([.. whole.Select(TableMaker.Partial)]),
            };
    }

    private static string? FormOf(string accept)
    {
        var parts = accept.Split(';').Select(p => p.Trim()).ToArray();
        if (parts[0] is not ("application/json" or "*/*" or "application/*"))
        {
            return null;
        }

        var form = parts.FirstOrDefault(p => p.StartsWith("as=", StringComparison.Ordinal))?[3..];
        var group = parts.FirstOrDefault(p => p.StartsWith("g=", StringComparison.Ordinal))?[2..];
        var version = parts.FirstOrDefault(p => p.StartsWith("v=", StringComparison.Ordinal))?[2..];
        return form is null ? "Object"
            : group == "meta.k8s.io" && version == "v1" ? form
            : null;
    }
}
