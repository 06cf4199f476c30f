using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Authorization;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Schemas;

namespace Granary.DevCluster.Api.Subresources;

/// <summary>Lists what the client may do in a namespace.</summary>
internal sealed class RulesReviews(RbacRules rules) : ISubresourceHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var body = await BodyReader.ReadObjectAsync(request.Http, request.Resource.Kind, new DecodeFindings());
        var ns = body.TextAt("spec", "namespace") ?? string.Empty;
        if (ns.Length == 0)
        {
            throw ApiErrors.BadRequest("no namespace on request");
        }

        // The answer does not repeat what was asked.
        body["spec"] = new JsonObject();
        var all = request.User.Groups.Contains(User.Masters, StringComparer.Ordinal)
            ? [new PolicyRule(["*"], ["*"], ["*"], [], []), new PolicyRule(["*"], [], [], [], ["*"])]
            : rules.For(request.User, ns).SelectMany(g => g.Rules).ToArray();
        var resources = new JsonArray();
        var urls = new JsonArray();
        foreach (var rule in all)
        {
            if (rule.Urls.Count > 0)
            {
                urls.Add(
                    (JsonNode)
                        new JsonObject
                        {
                            ["verbs"] = rule.Verbs.ToJsonArray(),
                            ["nonResourceURLs"] = rule.Urls.ToJsonArray(),
                        }
                );
                continue;
            }

            var entry = new JsonObject
            {
                ["verbs"] = rule.Verbs.ToJsonArray(),
                ["apiGroups"] = rule.Groups.ToJsonArray(),
                ["resources"] = rule.Resources.ToJsonArray(),
            };
            if (rule.Names.Count > 0)
            {
                entry["resourceNames"] = rule.Names.ToJsonArray();
            }

            resources.Add((JsonNode)entry);
        }

        var status = new JsonObject
        {
            ["resourceRules"] = resources,
            ["nonResourceRules"] = urls,
            ["incomplete"] = false,
        };
        await ResourceHandler.RespondAsync(request, 201, Review.Answer(request, body, status));
    }
}
