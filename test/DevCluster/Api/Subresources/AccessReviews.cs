using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Authorization;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Schemas;

namespace Granary.DevCluster.Api.Subresources;

/// <summary>Whose access a review asks about.</summary>
internal enum ReviewedSubject
{
    /// <summary>A user that the review names, anywhere.</summary>
    Named,

    /// <summary>A user that the review names, in the namespace of the request.</summary>
    NamedInNamespace,

    /// <summary>The client itself.</summary>
    Self,
}

/// <summary>Says what somebody may do: the subject access reviews.</summary>
internal sealed class AccessReviews(Authorizer authorizer, ReviewedSubject subject) : ISubresourceHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var body = await BodyReader.ReadObjectAsync(request.Http, request.Resource.Kind, new DecodeFindings());
        var spec = body.Child("spec");
        var errors = AccessReviewRules.Validate(spec, subject, body.TextAt("metadata", "namespace") ?? string.Empty);
        if (errors.ToArray() is { Length: > 0 } wrong)
        {
            // The API server leaves the kind out here; so does the recording.
            throw ApiErrors.Invalid(request.Resource.Group, string.Empty, string.Empty, wrong);
        }

        if (
            subject == ReviewedSubject.NamedInNamespace
            && body.TextAt("metadata", "namespace") != request.Info.Namespace
        )
        {
            throw ApiErrors.BadRequest(
                $"spec.resourceAttributes.namespace must match namespace: {request.Info.Namespace}"
            );
        }

        AccessReviewRules.DropEmpty(spec);
        var user =
            subject == ReviewedSubject.Self
                ? request.User
                : new User(
                    spec.TextAt("user") ?? string.Empty,
                    spec.TextAt("uid"),
                    [.. spec.ArrayAt("groups").Texts()]
                );
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
