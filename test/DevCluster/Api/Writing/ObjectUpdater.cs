using System.Globalization;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Admission;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Storage;
using Granary.DevCluster.Api.Strategies;

namespace Granary.DevCluster.Api.Writing;

/// <summary>Changes objects: concurrency, what may change, admission, validation, storage.</summary>
internal sealed class ObjectUpdater(ApiCore core, AdmissionChain admission)
{
    /// <summary>A change that does not name a version is made again on a newer one this often.</summary>
    private const int Attempts = 16;

    /// <param name="change">Makes the wished object of the current one; it may be called several times.</param>
    /// <param name="subresource">The part that is written, or empty.</param>
    /// <param name="isApply">The change has recorded its own field FieldOwnership.</param>
    /// <returns>The object as it is stored afterwards.</returns>
    public async Task<JsonObject> UpdateAsync(
        ApiRequest request,
        string subresource,
        Func<JsonObject, JsonObject> change,
        bool isApply,
        CancellationToken cancellationToken
    )
    {
        var resource = request.Resource;
        var name = request.Info.Name;
        for (var count = 1; ; count++)
        {
            var stored = core.Store.Get(resource.StorageKey, request.Namespace, name)
                ?? throw ApiErrors.NotFound(resource, name);
            var old = ApiCore.Present(resource, stored);
            var value = change(old.Copy());
            CheckIdentity(request, value, old);
            var conditional = CheckVersion(request, value, stored);
            var attempt = new AdmissionAttempt(
                request,
                "UPDATE",
                request.Namespace,
                name,
                subresource,
                AdmissionAttempt.OptionsOf(request, request.Info.Verb == "patch" ? "PatchOptions" : "UpdateOptions")
            )
            {
                Object = value,
                Old = old,
            };
            await admission.MutateAsync(attempt, cancellationToken);
            value = attempt.Object;
            Prepare(request, subresource, value, old, isApply);
            await admission.ValidateAsync(
                attempt with
                {
                    Object = value,
                    Options = UpdateOptions(request),
                },
                cancellationToken
            );
            if (request.DryRun)
            {
                return value;
            }

            if (Save(request, stored, value, old) is { } result)
            {
                return result;
            }

            if (conditional || count == Attempts)
            {
                throw ApiErrors.Modified(resource, name);
            }
        }
    }

    /// <summary>Reviews of a patch carry update options, as the recorded ones do.</summary>
    private static JsonObject UpdateOptions(ApiRequest request) => AdmissionAttempt.OptionsOf(request, "UpdateOptions");

    private static void CheckIdentity(ApiRequest request, JsonObject value, JsonObject old)
    {
        var metadata = value.Child("metadata");
        var name = metadata.TextAt("name");
        if (string.IsNullOrEmpty(name))
        {
            metadata["name"] = request.Info.Name;
        }
        else if (name != request.Info.Name)
        {
            throw ApiErrors.BadRequest(
                $"the name of the object ({name}) does not match the name on the URL ({request.Info.Name})"
            );
        }

        var ns = metadata.TextAt("namespace");
        if (request.Resource.Namespaced && !string.IsNullOrEmpty(ns) && ns != request.Namespace)
        {
            throw ApiErrors.BadRequest(
                "the namespace of the provided object does not match the namespace sent on the request"
            );
        }

        if (metadata.TextAt("uid") is { Length: > 0 } uid && uid != old.TextAt("metadata", "uid"))
        {
            throw ApiErrors.Conflict(
                request.Resource,
                request.Info.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.TextAt("metadata", "uid")}"
            );
        }
    }

    /// <returns>True when the client named the version that it changes.</returns>
    private static bool CheckVersion(ApiRequest request, JsonObject value, StoredObject stored)
    {
        var version = value.TextAt("metadata", "resourceVersion");
        if (!string.IsNullOrEmpty(version))
        {
            return version == stored.Revision.ToString(CultureInfo.InvariantCulture)
                ? request.Info.Verb == "update"
                : throw ApiErrors.Modified(request.Resource, request.Info.Name);
        }

        if (!request.Resource.Strategy.AllowsUnconditionalUpdate && request.Info.Verb == "update")
        {
            throw ApiErrors.Invalid(
                request.Resource.Group,
                request.Resource.Kind,
                request.Info.Name,
                [FieldError.Invalid("metadata.resourceVersion", 0, "must be specified for an update")]
            );
        }

        return false;
    }

    private static void Prepare(ApiRequest request, string subresource, JsonObject value, JsonObject old, bool isApply)
    {
        var resource = request.Resource;
        var strategy = resource.Strategy;
        ObjectMetadata.Continue(value, old);
        switch (subresource)
        {
            case "status":
                strategy.PrepareForStatusUpdate(value, old);
                break;
            case "finalize":
                value["status"] = old["status"]?.DeepClone();
                break;
            default:
                strategy.PrepareForUpdate(value, old);
                break;
        }

        value.Child("metadata")["resourceVersion"] = old.TextAt("metadata", "resourceVersion");
        if (subresource != "status")
        {
            ObjectMetadata.CountChange(resource, value, old);
        }

        if (!isApply)
        {
            FieldOwnership.RecordUpdate(request, value, old, subresource);
        }

        var errors = ObjectMetadata
            .Validate(resource, value)
            .Concat(ObjectMetadata.ValidateUpdate(resource, value, old))
            .Concat(resource.Conversion is null || resource.IsCustom ? strategy.Validate(value) : [])
            .Concat(subresource.Length == 0 ? strategy.ValidateUpdate(value, old) : [])
            .ToArray();
        if (errors.Length > 0)
        {
            throw ApiErrors.Invalid(resource.Group, resource.Kind, request.Info.Name, errors);
        }
    }

    /// <returns>Null when somebody else was faster.</returns>
    private JsonObject? Save(ApiRequest request, StoredObject stored, JsonObject value, JsonObject old)
    {
        var resource = request.Resource;
        if (ObjectMetadata.MayGo(resource, value))
        {
            var answer = value.Copy();
            return core.Store.Delete(resource.StorageKey, stored, ApiCore.Keep(resource, value)) is null
                ? null
                : answer;
        }

        if (FieldOwnership.SameButForTimes(value, old))
        {
            return old;
        }

        return core.Store.Update(resource.StorageKey, stored, ApiCore.Keep(resource, value)) is { } updated
            ? ApiCore.Present(resource, updated)
            : null;
    }
}
