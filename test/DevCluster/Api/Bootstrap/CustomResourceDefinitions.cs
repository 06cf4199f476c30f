using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Bootstrap;

/// <summary>Serves what CustomResourceDefinitions define, says so in their status, and cleans up after them.</summary>
internal sealed class CustomResourceDefinitions(ApiCore core)
{
    private const string Storage = "customresourcedefinitions.apiextensions.k8s.io";
    private const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public void OnStored(string resource, StoredChange change)
    {
        if (resource == Storage)
        {
            if (change.Type == ChangeType.Deleted)
            {
                core.Catalog.Serve(change.Object.Name, []);
            }
            else if (change.Object.Value.TextAt("metadata", "deletionTimestamp") is not null)
            {
                CleanUp(change.Object.Name);
            }
            else
            {
                Establish(change.Object);
            }
        }
        else if (
            change.Type == ChangeType.Deleted
            && resource.Contains('.')
            && core.Store.Get(Storage, string.Empty, resource)?.Value.TextAt("metadata", "deletionTimestamp")
                is not null
        )
        {
            CleanUp(resource);
        }
    }

    private void Establish(StoredObject stored)
    {
        var names = stored.Value.ObjectAt("spec", "names");
        var taken = core.Catalog.All.Any(r =>
            r.Group == stored.Value.TextAt("spec", "group")
            && r.Custom?.DefinitionName != stored.Name
            && (r.Plural == names.TextAt("plural") || r.Kind == names.TextAt("kind"))
        );
        if (!taken)
        {
            core.Catalog.Serve(stored.Name, CustomResourceReader.Read(stored.Value));
        }

        var value = stored.Value.Copy();
        var status = value.Child("status");
        if (!taken)
        {
            status["acceptedNames"] = names?.DeepClone();
        }

        SetCondition(
            status,
            "NamesAccepted",
            taken ? "False" : "True",
            taken ? "NameConflict" : "NoConflicts",
            taken ? "the names are already in use" : "no conflicts found"
        );
        SetCondition(
            status,
            "Established",
            taken ? "False" : "True",
            taken ? "NotAccepted" : "InitialNamesAccepted",
            taken ? "not all names are accepted" : "the initial names have been accepted"
        );
        Save(stored, value);
    }

    /// <summary>Deletes the instances; the definition goes with the last of them.</summary>
    private void CleanUp(string name)
    {
        if (core.Store.Get(Storage, string.Empty, name) is not { } stored)
        {
            return;
        }

        var (objects, _) = core.Store.List(name);
        foreach (var instance in objects)
        {
            if (instance.Value.ArrayAt("metadata", "finalizers") is not { Count: > 0 })
            {
                core.Store.Delete(name, instance);
            }
            else if (instance.Value.TextAt("metadata", "deletionTimestamp") is null)
            {
                var marked = instance.Value.Copy();
                marked.Child("metadata")["deletionTimestamp"] = core.Now();
                marked.Child("metadata")["deletionGracePeriodSeconds"] = 0;
                core.Store.Update(name, instance, marked);
            }
        }

        if (core.Store.List(name).Objects.Count > 0)
        {
            var waiting = stored.Value.Copy();
            SetCondition(
                waiting.Child("status"),
                "Terminating",
                "True",
                "InstanceDeletionInProgress",
                "CustomResource deletion is in progress"
            );
            Save(stored, waiting);
            return;
        }

        // Deleting the last instance may have come back here and finished already.
        if (core.Store.Get(Storage, string.Empty, name) is { } current)
        {
            var value = current.Value.Copy();
            var finalizers = value
                .ArrayAt("metadata", "finalizers")
                .Texts()
                .Where(f => f != CleanupFinalizer)
                .ToArray();
            if (finalizers.Length == 0)
            {
                value.Child("metadata").Remove("finalizers");
                core.Store.Delete(Storage, current, value);
            }
            else
            {
                value.Child("metadata")["finalizers"] = finalizers.ToJsonArray();
                Save(current, value);
            }
        }
    }

    private void Save(StoredObject stored, JsonObject value)
    {
        if (!value.SameAs(stored.Value))
        {
            core.Store.Update(Storage, stored, value);
        }
    }

    private void SetCondition(JsonObject status, string type, string value, string reason, string message)
    {
        var conditions = status.List("conditions");
        if (conditions.Objects().FirstOrDefault(c => c.TextAt("type") == type) is not { } condition)
        {
            condition = new JsonObject { ["type"] = type };
            conditions.Add((JsonNode)condition);
        }

        if (condition.TextAt("status") != value)
        {
            condition["status"] = value;
            condition["lastTransitionTime"] = core.Now();
        }

        condition["reason"] = reason;
        condition["message"] = message;
    }
}
