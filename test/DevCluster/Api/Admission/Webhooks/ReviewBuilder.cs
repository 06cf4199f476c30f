using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Resources;

namespace Granary.DevCluster.Api.Admission.Webhooks;

/// <summary>Makes the AdmissionReview that a webhook receives.</summary>
internal static class ReviewBuilder
{
    public static JsonObject Make(AdmissionAttempt attempt, string uid)
    {
        var resource = attempt.Request.Resource;
        JsonObject Kind() =>
            new()
            {
                ["group"] = resource.Group,
                ["version"] = resource.Version,
                ["kind"] = resource.Kind,
            };
        JsonObject Resource() =>
            new()
            {
                ["group"] = resource.Group,
                ["version"] = resource.Version,
                ["resource"] = resource.Plural,
            };
        var request = new JsonObject
        {
            ["uid"] = uid,
            ["kind"] = Kind(),
            ["resource"] = Resource(),
        };
        if (attempt.Subresource.Length > 0)
        {
            request["subResource"] = attempt.Subresource;
        }

        request["requestKind"] = Kind();
        request["requestResource"] = Resource();
        if (attempt.Subresource.Length > 0)
        {
            request["requestSubResource"] = attempt.Subresource;
        }

        if (attempt.Name.Length > 0)
        {
            request["name"] = attempt.Name;
        }

        if (attempt.Namespace.Length > 0)
        {
            request["namespace"] = attempt.Namespace;
        }

        request["operation"] = attempt.Operation;
        request["userInfo"] = attempt.Request.User.ToJson();
        request["object"] = attempt.Object?.DeepClone();
        request["oldObject"] = attempt.Old?.DeepClone();
        request["dryRun"] = attempt.Request.DryRun;
        request["options"] = attempt.Options.DeepClone();
        return new JsonObject
        {
            ["kind"] = "AdmissionReview",
            ["apiVersion"] = "admission.k8s.io/v1",
            ["request"] = request,
        };
    }
}
