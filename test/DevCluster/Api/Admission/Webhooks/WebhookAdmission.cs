using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Patching;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Schemas;
using Granary.DevCluster.Api.Storage;
using Granary.DevCluster.Api.Writing;

namespace Granary.DevCluster.Api.Admission.Webhooks;

/// <summary>Asks the configured webhooks: mutating ones one after the other, validating ones all at once.</summary>
internal sealed class WebhookAdmission(ApiCore core, WebhookClient client) : IAdmissionRule
{
    private const string Group = "admissionregistration.k8s.io";

    public async ValueTask MutateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken)
    {
        foreach (var webhook in Concerned(attempt, "mutatingwebhookconfigurations"))
        {
            var response = await AskAsync(webhook, attempt, cancellationToken);
            if (response.TextAt("patch") is { } patch && attempt.Object is { } value)
            {
                attempt.Object = Patched(attempt, webhook, value, patch);
            }
        }
    }

    public async ValueTask ValidateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken)
    {
        var asked = Concerned(attempt, "validatingwebhookconfigurations").ToArray();
        if (asked.Length > 0)
        {
            await Task.WhenAll(asked.Select(w => AskAsync(w, attempt, cancellationToken)));
        }
    }

    private IEnumerable<Webhook> Concerned(AdmissionAttempt attempt, string configurations)
    {
        // The configurations themselves are exempt, or one mistake could never be put right.
        if (attempt.Request.Resource.Group == Group)
        {
            yield break;
        }

        foreach (var configuration in core.Store.List($"{configurations}.{Group}").Objects)
        {
            foreach (var webhook in configuration.Value.ArrayAt("webhooks").Objects().Select(w => new Webhook(w)))
            {
                if (webhook.Concerns(attempt, NamespaceLabels(attempt)))
                {
                    yield return webhook;
                }
            }
        }
    }

    private JsonObject? NamespaceLabels(AdmissionAttempt attempt)
    {
        if (attempt.Request.Resource is { Plural: "namespaces", Group: "" })
        {
            return (attempt.Object ?? attempt.Old).ObjectAt("metadata", "labels") ?? [];
        }

        return attempt.Namespace.Length == 0
            ? null
            : core.Store.Get("namespaces", string.Empty, attempt.Namespace)?.Value.ObjectAt("metadata", "labels") ?? [];
    }

    /// <returns>The response of an allowed review; empty when a failure was ignored.</returns>
    private async Task<JsonObject> AskAsync(
        Webhook webhook,
        AdmissionAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        if (attempt.Request.DryRun && !webhook.AllowsDryRun)
        {
            throw ApiErrors.BadRequest($"admission webhook \"{webhook.Name}\" does not support dry run");
        }

        var uid = ApiCore.NewUid();
        JsonObject response;
        try
        {
            var endpoint = WebhookEndpoint.Of(webhook, core.Store);
            var answer = await client.CallAsync(webhook, endpoint, ReviewBuilder.Make(attempt, uid), cancellationToken);
            response = Checked(answer, uid);
        }
        catch (WebhookFailedException) when (webhook.IgnoresFailure)
        {
            return [];
        }
        catch (WebhookFailedException e)
        {
            throw ApiErrors.Internal($"failed calling webhook \"{webhook.Name}\": {e.Message}");
        }

        lock (attempt.Request.Warnings)
        {
            attempt.Request.Warnings.AddRange(response.ArrayAt("warnings").Texts());
        }

        return response.FlagAt("allowed") ? response : throw Denied(webhook, response);
    }

    private static JsonObject Checked(JsonObject answer, string uid)
    {
        if (answer.TextAt("apiVersion") != "admission.k8s.io/v1" || answer.TextAt("kind") != "AdmissionReview")
        {
            throw new WebhookFailedException(
                null,
                $"received invalid webhook response: expected webhook response of admission.k8s.io/v1, "
                    + $"Kind=AdmissionReview, got {answer.TextAt("apiVersion")}, Kind={answer.TextAt("kind")}"
            );
        }

        var response = answer.ObjectAt("response")
            ?? throw new WebhookFailedException(null, "webhook response was absent");
        return response.TextAt("uid") == uid
            ? response
            : throw new WebhookFailedException(
                null,
                $"received invalid webhook response: expected response.uid=\"{uid}\", got \"{response.TextAt("uid")}\""
            );
    }

    private static ApiStatusException Denied(Webhook webhook, JsonObject response)
    {
        var status = response.ObjectAt("status");
        var because =
            status.TextAt("message") is { Length: > 0 } message ? $": {message}"
            : status.TextAt("reason") is { Length: > 0 } reason ? $": {reason}"
            : " without explanation";
        var code = (int)(status.IntegerAt("code") ?? 0);
        return new ApiStatusException(
            code < 400 ? 400 : code,
            status.TextAt("reason"),
            $"admission webhook \"{webhook.Name}\" denied the request{because}",
            status.ObjectAt("details")?.Copy()
        );
    }

    private static JsonObject Patched(AdmissionAttempt attempt, Webhook webhook, JsonObject value, string patch)
    {
        try
        {
            var operations =
                JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(patch))) as JsonArray ?? [];
            var result = JsonPatch.Apply(value.Copy(), operations);
            var resource = attempt.Request.Resource;
            resource.Strategy.Decode(result, resource.Schema, new DecodeFindings());
            ObjectDecoder.Default(resource, result);
            return result;
        }
        catch (Exception e) when (e is FormatException or JsonException or ApiStatusException)
        {
            throw ApiErrors.Internal($"failed calling webhook \"{webhook.Name}\": received invalid patch: {e.Message}");
        }
    }
}
