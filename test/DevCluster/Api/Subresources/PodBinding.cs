using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Schemas;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Subresources;

/// <summary>Puts a pod onto a node: <c>pods/binding</c> and <c>bindings</c>.</summary>
internal sealed class PodBinding(ApiCore core) : ISubresourceHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var body = await BodyReader.ReadObjectAsync(request.Http, "Binding", new DecodeFindings());
        var name = request.Info.Name.Length > 0 ? request.Info.Name : body.TextAt("metadata", "name") ?? string.Empty;
        var node = body.TextAt("target", "name");
        if (string.IsNullOrEmpty(node))
        {
            throw ApiErrors.Invalid(string.Empty, "Binding", name, [FieldError.Required("target.name")]);
        }

        while (!request.DryRun && !TryBind(request.Info.Namespace, name, node)) { }

        await ResourceHandler.RespondAsync(
            request,
            201,
            new JsonObject
            {
                ["kind"] = "Status",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject(),
                ["status"] = "Success",
                ["code"] = 201,
            }
        );
    }

    /// <returns>False when somebody else changed the pod meanwhile.</returns>
    private bool TryBind(string ns, string name, string node)
    {
        var pods = core.Catalog.BuiltIn("pods");
        var stored = core.Store.Get("pods", ns, name) ?? throw ApiErrors.NotFound(pods, name);
        if (stored.Value.TextAt("metadata", "deletionTimestamp") is not null)
        {
            throw ApiErrors.Conflict(pods, name, $"pod {name} is being deleted, cannot be assigned to a host");
        }

        if (stored.Value.TextAt("spec", "nodeName") is { Length: > 0 } already)
        {
            throw ApiErrors.Conflict(pods, name, $"pod {name} is already assigned to node \"{already}\"");
        }

        var value = stored.Value.Copy();
        value.Child("spec")["nodeName"] = node;
        var conditions = value.Child("status").List("conditions");
        conditions.RemoveAll(c => c.TextAt("type") == "PodScheduled");
        conditions.Add(
            (JsonNode)
                new JsonObject
                {
                    ["type"] = "PodScheduled",
                    ["status"] = "True",
                    ["lastProbeTime"] = null,
                    ["lastTransitionTime"] = core.Now(),
                }
        );
        return core.Store.Update("pods", stored, value) is not null;
    }
}
