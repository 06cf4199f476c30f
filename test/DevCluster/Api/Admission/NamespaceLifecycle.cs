using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Admission;

/// <summary>Nothing is created in a namespace that is missing or going away; the first namespaces stay.</summary>
internal sealed class NamespaceLifecycle(ApiCore core) : IAdmissionRule
{
    private static readonly string[] Protected = ["default", "kube-system", "kube-public"];

    public ValueTask MutateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken)
    {
        var resource = attempt.Request.Resource;
        if (attempt.Operation == "DELETE")
        {
            if (
                resource is { Plural: "namespaces", Group: "" }
                && Protected.Contains(attempt.Name, StringComparer.Ordinal)
            )
            {
                throw ApiErrors.Forbidden(resource, attempt.Name, "this namespace may not be deleted");
            }

            return ValueTask.CompletedTask;
        }

        if (
            attempt.Operation != "CREATE"
            || !resource.Namespaced
            || attempt.Namespace.Length == 0
            || resource.Plural == "localsubjectaccessreviews"
        )
        {
            return ValueTask.CompletedTask;
        }

        var ns = core.Store.Get("namespaces", string.Empty, attempt.Namespace)
            ?? throw ApiErrors.NotFound(core.Catalog.BuiltIn("namespaces"), attempt.Namespace);
        if (ns.Value.TextAt("metadata", "deletionTimestamp") is not null && attempt.Subresource.Length == 0)
        {
            throw ApiErrors.Forbidden(
                resource,
                attempt.Name,
                $"unable to create new content in namespace {attempt.Namespace} because it is being terminated",
                new JsonArray(
                    new JsonObject
                    {
                        ["reason"] = "NamespaceTerminating",
                        ["message"] = $"namespace {attempt.Namespace} is being terminated",
                        ["field"] = "metadata.namespace",
                    }
                )
            );
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ValidateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;
}
