using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Schemas;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Subresources;

/// <summary>Hands out tokens of service accounts: <c>serviceaccounts/token</c>.</summary>
internal sealed class ServiceAccountToken(ApiCore core, TokenIssuer issuer) : ISubresourceHandler
{
    private const long LeastSeconds = 600;
    private const long MostSeconds = 1L << 32;
    private const long DefaultSeconds = 3600;

    public async Task HandleAsync(ApiRequest request)
    {
        var body = await BodyReader.ReadObjectAsync(request.Http, "TokenRequest", new DecodeFindings());
        var account = core.Store.Get("serviceaccounts", request.Info.Namespace, request.Info.Name)
            ?? throw ApiErrors.NotFound(request.Resource, request.Info.Name);
        var audiences = body.ArrayAt("spec", "audiences").Texts().ToArray();
        if (audiences.Length == 0)
        {
            audiences = [TokenIssuer.Issuer];
        }

        var seconds = body.IntegerAt("spec", "expirationSeconds") ?? DefaultSeconds;
        if (seconds is < LeastSeconds or > MostSeconds)
        {
            throw ApiErrors.Invalid(
                "authentication.k8s.io",
                "TokenRequest",
                string.Empty,
                [
                    FieldError.Invalid(
                        "spec.expirationSeconds",
                        seconds,
                        seconds < LeastSeconds
                            ? "may not specify a duration less than 10 minutes"
                            : "may not specify a duration larger than 2^32 seconds"
                    ),
                ]
            );
        }

        var reference = body.ObjectAt("spec", "boundObjectRef");
        var pod = reference is null ? null : BoundPod(request, reference);
        var now = core.Clock.GetUtcNow();
        var expires = now.AddSeconds(seconds);
        await ResourceHandler.RespondAsync(
            request,
            201,
            new JsonObject
            {
                ["kind"] = "TokenRequest",
                ["apiVersion"] = "authentication.k8s.io/v1",
                ["metadata"] = new JsonObject
                {
                    ["name"] = account.Name,
                    ["namespace"] = account.Namespace,
                    ["uid"] = account.Value.TextAt("metadata", "uid"),
                    ["creationTimestamp"] = ApiCore.Stamp(now),
                },
                ["spec"] = new JsonObject
                {
                    ["audiences"] = audiences.ToJsonArray(),
                    ["expirationSeconds"] = seconds,
                    ["boundObjectRef"] = reference?.DeepClone(),
                },
                ["status"] = new JsonObject
                {
                    ["token"] = issuer.Issue(account, audiences, expires, pod),
                    ["expirationTimestamp"] = ApiCore.Stamp(expires),
                },
            }
        );
    }

    private StoredObject BoundPod(ApiRequest request, JsonObject reference)
    {
        var pods = core.Catalog.BuiltIn("pods");
        var name = reference.TextAt("name") ?? string.Empty;
        if (reference.TextAt("kind") != "Pod")
        {
            throw ApiErrors.BadRequest($"cannot bind token to object of type {reference.TextAt("kind")}");
        }

        var pod = core.Store.Get("pods", request.Info.Namespace, name) ?? throw ApiErrors.NotFound(pods, name);
        var uid = pod.Value.TextAt("metadata", "uid");
        if (reference.TextAt("uid") is { Length: > 0 } wanted && wanted != uid)
        {
            throw ApiErrors.Conflict(
                pods,
                name,
                $"the UID in the bound object reference ({wanted}) does not match the UID in record. The object might "
                    + "have been deleted and then recreated"
            );
        }

        if (pod.Value.TextAt("spec", "serviceAccountName") != request.Info.Name)
        {
            throw ApiErrors.BadRequest(
                $"cannot bind token for serviceaccount \"{request.Info.Name}\" to pod running with different "
                    + $"serviceaccount \"{pod.Value.TextAt("spec", "serviceAccountName")}\""
            );
        }

        return pod;
    }
}
