using System.Globalization;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Admission;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Writing;

/// <summary>What became of a deletion.</summary>
/// <param name="Object">The object as it is now, or was last.</param>
/// <param name="Gone">False when a finalizer or a grace period holds it.</param>
internal sealed record DeletionResult(JsonObject Object, bool Gone);

/// <summary>Deletes objects: preconditions, grace, finalizers.</summary>
internal sealed class ObjectDeleter(ApiCore core, AdmissionChain admission)
{
    private const string ForegroundFinalizer = "foregroundDeletion";
    private const string OrphanFinalizer = "orphan";
    private const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public async Task<DeletionResult> DeleteAsync(
        ApiRequest request,
        string ns,
        string name,
        DeleteOptions options,
        CancellationToken cancellationToken
    )
    {
        var resource = request.Resource;
        while (true)
        {
            var stored = core.Store.Get(resource.StorageKey, ns, name) ?? throw ApiErrors.NotFound(resource, name);
            CheckPreconditions(resource, stored, options);
            var old = ApiCore.Present(resource, stored);
            var attempt = new AdmissionAttempt(request, "DELETE", ns, name, string.Empty, options.ToJson())
            {
                Old = old,
            };
            await admission.MutateAsync(attempt, cancellationToken);
            await admission.ValidateAsync(attempt, cancellationToken);
            if (TryDelete(request, stored, options) is { } result)
            {
                return result;
            }
        }
    }

    private static void CheckPreconditions(ResourceDefinition resource, StoredObject stored, DeleteOptions options)
    {
        var uid = stored.Value.TextAt("metadata", "uid");
        if (options.Uid is { } wantedUid && wantedUid != uid)
        {
            throw Unmet(
                resource,
                stored.Name,
                $"the UID in the precondition ({wantedUid}) does not match the UID in record ({uid}). The object might "
                    + "have been deleted and then recreated"
            );
        }

        var version = stored.Revision.ToString(CultureInfo.InvariantCulture);
        if (options.ResourceVersion is { } wanted && wanted != version)
        {
            throw Unmet(
                resource,
                stored.Name,
                $"the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record "
                    + $"({version}). The object might have been modified"
            );
        }
    }

    /// <summary>This failure names the kind where others name the resource.</summary>
    private static ApiStatusException Unmet(ResourceDefinition resource, string name, string because)
    {
        var details = new JsonObject { ["name"] = name };
        if (resource.Group.Length > 0)
        {
            details["group"] = resource.Group;
        }

        details["kind"] = resource.Kind;
        var subject = resource.Group.Length > 0 ? $"{resource.Kind}.{resource.Group}" : resource.Kind;
        return new(409, "Conflict", $"Operation cannot be fulfilled on {subject} \"{name}\": {because}", details);
    }

    /// <returns>Null when somebody else was faster.</returns>
    private DeletionResult? TryDelete(ApiRequest request, StoredObject stored, DeleteOptions options)
    {
        var resource = request.Resource;
        var value = stored.Value.Copy();
        var metadata = value.Child("metadata");
        var deleting = ObjectMetadata.IsDeleting(value);
        var isNamespace = resource is { Plural: "namespaces", Group: "" };
        if (isNamespace && deleting && ObjectMetadata.HasFinalizers(value) is false)
        {
            throw ApiErrors.Conflict(
                resource,
                stored.Name,
                "The system is ensuring all content is removed from this namespace.  Upon completion, this namespace "
                    + "will automatically be purged by the system."
            );
        }

        var grace = resource.Strategy.GracePeriod(value, options.GracePeriodSeconds);
        SetFinalizers(request, metadata, options, deleting);
        if (deleting)
        {
            ShortenGrace(metadata, grace);
        }
        else
        {
            Mark(metadata, grace, isNamespace);
            if (isNamespace)
            {
                value.Child("status")["phase"] = "Terminating";
            }
        }

        if (ObjectMetadata.MayGo(resource, value))
        {
            // Only kinds with a grace period show the mark of deletion in their last state.
            var last = grace is null && !deleting ? stored.Value.Copy() : value;
            if (options.DryRun)
            {
                return new DeletionResult(Shown(resource, last), true);
            }

            return core.Store.Delete(resource.StorageKey, stored, last) is { } gone
                ? new DeletionResult(ApiCore.Present(resource, gone), true)
                : null;
        }

        if (options.DryRun || value.SameAs(stored.Value))
        {
            return new DeletionResult(Shown(resource, value), false);
        }

        return core.Store.Update(resource.StorageKey, stored, value) is { } updated
            ? new DeletionResult(ApiCore.Present(resource, updated), false)
            : null;
    }

    private static JsonObject Shown(ResourceDefinition resource, JsonObject value)
    {
        resource.Conversion?.FromStored(value);
        return value;
    }

    private void Mark(JsonObject metadata, long? grace, bool isNamespace)
    {
        metadata["deletionTimestamp"] = ApiCore.Stamp(core.Clock.GetUtcNow().AddSeconds(grace ?? 0));
        if (!isNamespace)
        {
            metadata["deletionGracePeriodSeconds"] = grace ?? 0;
        }

        if (metadata.IntegerAt("generation") is > 0 and var generation)
        {
            metadata["generation"] = generation + 1;
        }
    }

    private void ShortenGrace(JsonObject metadata, long? grace)
    {
        if (grace is { } shorter && shorter < (metadata.IntegerAt("deletionGracePeriodSeconds") ?? 0))
        {
            metadata["deletionGracePeriodSeconds"] = shorter;
            metadata["deletionTimestamp"] = ApiCore.Stamp(core.Clock.GetUtcNow().AddSeconds(shorter));
        }
    }

    private static void SetFinalizers(ApiRequest request, JsonObject metadata, DeleteOptions options, bool deleting)
    {
        var resource = request.Resource;
        var finalizers = metadata.ArrayAt("finalizers").Texts().ToList();
        var policy = options.PropagationPolicy;
        if (policy is null && !deleting)
        {
            // An earlier wish, expressed as a finalizer, is the default.
            policy =
                finalizers.Contains(OrphanFinalizer, StringComparer.Ordinal) ? "Orphan"
                : finalizers.Contains(ForegroundFinalizer, StringComparer.Ordinal) ? "Foreground"
                : Default(request);
        }

        if (policy is not null)
        {
            finalizers.RemoveAll(f => f is OrphanFinalizer or ForegroundFinalizer);
            if (policy == "Foreground")
            {
                finalizers.Add(ForegroundFinalizer);
            }
            else if (policy == "Orphan")
            {
                finalizers.Add(OrphanFinalizer);
            }
        }

        if (resource.Plural == "customresourcedefinitions" && !finalizers.Contains(CleanupFinalizer) && !deleting)
        {
            finalizers.Add(CleanupFinalizer);
        }

        if (finalizers.Count == 0)
        {
            metadata.Remove("finalizers");
        }
        else
        {
            metadata["finalizers"] = finalizers.ToJsonArray();
        }
    }

    private static string Default(ApiRequest request)
    {
        var (policy, warning) = request.Resource.Strategy.DefaultPropagation;
        if (warning is not null && !request.Warnings.Contains(warning, StringComparer.Ordinal))
        {
            request.Warnings.Add(warning);
        }

        return policy;
    }
}
