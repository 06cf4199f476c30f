using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Schemas;

namespace Granary.DevCluster.Api.Subresources;

/// <summary>Says whose a token is.</summary>
internal sealed class TokenReviews(Authenticator authenticator) : ISubresourceHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var body = await BodyReader.ReadObjectAsync(request.Http, "TokenReview", new DecodeFindings());
        var wanted = body.ArrayAt("spec", "audiences").Texts().ToArray();
        wanted = wanted.Length == 0 ? [TokenIssuer.Issuer] : wanted;
        var found = authenticator.Identify(body.TextAt("spec", "token") ?? string.Empty);
        var status = new JsonObject();
        if (
            found is { } identity
            && identity.Audiences.Intersect(wanted, StringComparer.Ordinal).ToArray() is { Length: > 0 } fit
        )
        {
            status["authenticated"] = true;
            status["user"] = identity.User.ToJson();
            status["audiences"] = fit.ToJsonArray();
        }
        else
        {
            status["user"] = new JsonObject();
            status["error"] = "[invalid bearer token, token lookup failed]";
        }

        await ResourceHandler.RespondAsync(request, 201, Review.Answer(request, body, status));
    }
}

/// <summary>Says who the client is.</summary>
internal sealed class SelfSubjectReviews : ISubresourceHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var body = await BodyReader.ReadObjectAsync(request.Http, "SelfSubjectReview", new DecodeFindings());
        body.Remove("spec");
        var status = new JsonObject { ["userInfo"] = request.User.ToJson() };
        await ResourceHandler.RespondAsync(request, 201, Review.Answer(request, body, status));
    }
}

/// <summary>The common form of reviews: what was asked, and the answer as status.</summary>
internal static class Review
{
    public static JsonObject Answer(ApiRequest request, JsonObject body, JsonObject status)
    {
        var answer = new JsonObject
        {
            ["kind"] = request.Resource.Kind,
            ["apiVersion"] = request.Resource.ApiVersion,
            ["metadata"] = new JsonObject(),
        };
        if (body["spec"] is { } spec)
        {
            answer["spec"] = spec.DeepClone();
        }

        answer["status"] = status;
        return answer;
    }
}
