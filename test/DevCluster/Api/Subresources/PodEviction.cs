using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Schemas;
using Granary.DevCluster.Api.Writing;

namespace Granary.DevCluster.Api.Subresources;

/// <summary>Evicts a pod: a deletion by another name. Disruption budgets are not looked at.</summary>
internal sealed class PodEviction(ObjectDeleter deleter) : ISubresourceHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var body = await BodyReader.ReadObjectAsync(request.Http, "Eviction", new DecodeFindings());
        var options = DeleteOptions.Read(request, body.ObjectAt("deleteOptions"));
        await deleter.DeleteAsync(request, request.Namespace, request.Info.Name, options, request.Aborted);
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
}
