using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Authorization;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Schemas;

namespace Granary.DevCluster.Api.Subresources;

/// <summary>Says what somebody may do: the subject access reviews.</summary>
/// <param name="self">The subject is the client itself.</param>
internal sealed class AccessReviews(Authorizer authorizer, bool self) : ISubresourceHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var body = await BodyReader.ReadObjectAsync(request.Http, request.Resource.Kind, new DecodeFindings());
        var spec = body.ObjectAt("spec") ?? [];
        var user = self
            ? request.User
            : new User(spec.TextAt("user") ?? string.Empty, spec.TextAt("uid"), [.. spec.ArrayAt("groups").Texts()]);
        var reason = authorizer.Allowed(user, Read(spec));
        var status = new JsonObject { ["allowed"] = reason is not null };
        if (!string.IsNullOrEmpty(reason))
        {
            status["reason"] = reason;
        }

        await ResourceHandler.RespondAsync(request, 201, Review.Answer(request, body, status));
    }

    private static AccessAttributes Read(JsonObject spec)
    {
        if (spec.ObjectAt("resourceAttributes") is not { } wanted)
        {
            var other = spec.ObjectAt("nonResourceAttributes");
            return new AccessAttributes(
                false,
                other.TextAt("verb") ?? string.Empty,
                string.Empty,
                string.Empty,
                string.Empty,
                string.Empty,
                string.Empty,
                other.TextAt("path") ?? string.Empty
            );
        }

        string Part(string name) => wanted.TextAt(name) ?? string.Empty;
        return new AccessAttributes(
            true,
            Part("verb"),
            Part("group"),
            Part("resource"),
            Part("subresource"),
            Part("namespace"),
            Part("name")
        );
    }
}

/// <summary>Lists what the client may do in a namespace.</summary>
internal sealed class RulesReviews(RbacRules rules) : ISubresourceHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var body = await BodyReader.ReadObjectAsync(request.Http, request.Resource.Kind, new DecodeFindings());
        var ns = body.TextAt("spec", "namespace") ?? string.Empty;
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
