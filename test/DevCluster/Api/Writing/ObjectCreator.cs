using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Admission;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Writing;

/// <summary>Creates objects: identity, admission, defaults, validation, storage.</summary>
internal sealed class ObjectCreator(ApiCore core, AdmissionChain admission)
{
    /// <summary>A generated name that is taken is generated anew this often.</summary>
    private const int NameAttempts = 8;

    /// <param name="value">The decoded object; it is used up.</param>
    /// <returns>The object as it was stored.</returns>
    public async Task<JsonObject> CreateAsync(ApiRequest request, JsonObject value, CancellationToken cancellationToken)
    {
        var resource = request.Resource;
        Place(request, value);
        var attempt = new AdmissionAttempt(
            request,
            "CREATE",
            request.Namespace,
            value.TextAt("metadata", "name") ?? string.Empty,
            string.Empty,
            AdmissionAttempt.OptionsOf(request, "CreateOptions")
        )
        {
            Object = value,
        };
        await admission.MutateAsync(attempt, cancellationToken);
        value = attempt.Object;
        var generated =
            string.IsNullOrEmpty(value.TextAt("metadata", "name"))
            && !string.IsNullOrEmpty(value.TextAt("metadata", "generateName"));
        var original = generated ? value.Copy() : value;
        for (var count = 1; ; count++)
        {
            value = generated ? original.Copy() : value;
            Prepare(request, value);
            var named = attempt with { Object = value, Name = value.TextAt("metadata", "name")! };
            await admission.ValidateAsync(named, cancellationToken);
            if (request.DryRun)
            {
                return Exists(resource, request, value) ? throw AlreadyExists(resource, value) : value;
            }

            if (Store(request, value) is { } stored)
            {
                request.Warnings.AddRange(resource.Strategy.Warnings(value));
                return ApiCore.Present(resource, stored);
            }

            if (!generated || count == NameAttempts)
            {
                throw AlreadyExists(resource, value);
            }
        }
    }

    private static ApiStatusException AlreadyExists(ResourceDefinition resource, JsonObject value) =>
        ApiErrors.AlreadyExists(resource, value.TextAt("metadata", "name")!);

    private static void Place(ApiRequest request, JsonObject value)
    {
        var metadata = value.Child("metadata");
        var given = metadata.TextAt("namespace");
        if (!request.Resource.Namespaced)
        {
            metadata.Remove("namespace");
        }
        else if (!string.IsNullOrEmpty(given) && given != request.Namespace)
        {
            throw ApiErrors.BadRequest(
                $"the namespace of the provided object does not match the namespace sent on the request"
            );
        }
        else
        {
            metadata["namespace"] = request.Namespace;
        }

        if (request.Resource.Namespaced && request.Namespace.Length == 0)
        {
            throw ApiErrors.MethodNotAllowed("create", request.Resource);
        }

        if (metadata.TextAt("resourceVersion") is { Length: > 0 } version && version != "0")
        {
            throw ApiErrors.Internal("resourceVersion should not be set on objects to be created");
        }
    }

    private void Prepare(ApiRequest request, JsonObject value)
    {
        var resource = request.Resource;
        ObjectMetadata.Begin(core, value);
        ObjectMetadata.CountChange(resource, value, old: null);
        resource.Strategy.PrepareForCreate(value);
        FieldOwnership.RecordUpdate(request, value, old: null, subresource: string.Empty);
        var errors = ObjectMetadata
            .Validate(resource, value)
            .Concat(resource.Strategy.Validate(Kept(resource, value)))
            .ToArray();
        if (errors.Length > 0)
        {
            throw ApiErrors.Invalid(
                resource.Group,
                resource.Kind,
                value.TextAt("metadata", "name") ?? string.Empty,
                errors
            );
        }
    }

    /// <summary>Rules of kinds with several versions are written for the kept one.</summary>
    private static JsonObject Kept(ResourceDefinition resource, JsonObject value) =>
        resource.Conversion is null || resource.IsCustom ? value : ApiCore.Keep(resource, value);

    private bool Exists(ResourceDefinition resource, ApiRequest request, JsonObject value) =>
        core.Store.Get(resource.StorageKey, request.Namespace, value.TextAt("metadata", "name")!) is not null;

    private StoredObject? Store(ApiRequest request, JsonObject value) =>
        core.Store.Create(
            request.Resource.StorageKey,
            request.Namespace,
            value.TextAt("metadata", "name")!,
            ApiCore.Keep(request.Resource, value)
        );
}
