using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies.Workloads;

/// <summary>The rules of a pod's specification that people break most.</summary>
internal static class PodValidation
{
    public static IEnumerable<FieldError> Validate(JsonObject spec, string path)
    {
        var volumes = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var volume in spec.ArrayAt("volumes").Objects())
        {
            var name = volume.TextAt("name") ?? string.Empty;
            var field = $"{path}.volumes[{index++}].name";
            if (name.Length == 0)
            {
                yield return FieldError.Required(field);
            }
            else if (NameRules.Label(name) is { } complaint)
            {
                yield return FieldError.Invalid(field, name, complaint);
            }
            else if (!volumes.Add(name))
            {
                yield return FieldError.Duplicate(field, name);
            }
        }

        var containers = spec.ArrayAt("containers");
        if (containers is not { Count: > 0 })
        {
            yield return FieldError.Required($"{path}.containers");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in (string[])["initContainers", "containers"])
        {
            index = 0;
            foreach (var container in spec.ArrayAt(list).Objects())
            {
                foreach (var error in ValidateContainer(container, $"{path}.{list}[{index++}]", names, volumes))
                {
                    yield return error;
                }
            }
        }

        foreach (var error in ValidateInitContainers(spec, path))
        {
            yield return error;
        }

        if (spec.TextAt("restartPolicy") is { } policy && policy is not ("Always" or "OnFailure" or "Never"))
        {
            yield return FieldError.NotSupported($"{path}.restartPolicy", policy, ["Always", "OnFailure", "Never"]);
        }
    }

    /// <summary>An init container that ends has no life to look after; one that stays is a sidecar.</summary>
    private static IEnumerable<FieldError> ValidateInitContainers(JsonObject spec, string path)
    {
        var index = 0;
        foreach (var container in spec.ArrayAt("initContainers").Objects())
        {
            var at = $"{path}.initContainers[{index++}]";
            if (container.TextAt("restartPolicy") == "Always")
            {
                continue;
            }

            foreach (var field in (string[])["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"])
            {
                if (container[field] is not null)
                {
                    yield return FieldError.Forbidden(
                        $"{at}.{field}",
                        "may not be set for init containers without restartPolicy=Always"
                    );
                }
            }
        }
    }

    private static IEnumerable<FieldError> ValidateContainer(
        JsonObject container,
        string path,
        HashSet<string> names,
        HashSet<string> volumes
    )
    {
        var name = container.TextAt("name") ?? string.Empty;
        if (name.Length == 0)
        {
            yield return FieldError.Required($"{path}.name");
        }
        else if (NameRules.Label(name) is { } complaint)
        {
            yield return FieldError.Invalid($"{path}.name", name, complaint);
        }
        else if (!names.Add(name))
        {
            yield return FieldError.Duplicate($"{path}.name", name);
        }

        if (string.IsNullOrEmpty(container.TextAt("image")))
        {
            yield return FieldError.Required($"{path}.image");
        }

        var index = 0;
        foreach (var variable in container.ArrayAt("env").Objects())
        {
            if (string.IsNullOrEmpty(variable.TextAt("name")))
            {
                yield return FieldError.Required($"{path}.env[{index}].name");
            }

            index++;
        }

        var mountPaths = new HashSet<string>(StringComparer.Ordinal);
        index = 0;
        foreach (var mount in container.ArrayAt("volumeMounts").Objects())
        {
            var field = $"{path}.volumeMounts[{index++}]";
            var volume = mount.TextAt("name") ?? string.Empty;
            if (volume.Length == 0)
            {
                yield return FieldError.Required($"{field}.name");
            }
            else if (!volumes.Contains(volume))
            {
                yield return new FieldError(
                    "FieldValueNotFound",
                    $"{field}.name",
                    $"Not found: {FieldError.Show(volume)}"
                );
            }

            var mountPath = mount.TextAt("mountPath") ?? string.Empty;
            if (mountPath.Length == 0)
            {
                yield return FieldError.Required($"{field}.mountPath");
            }
            else if (!mountPaths.Add(mountPath))
            {
                yield return FieldError.Invalid($"{field}.mountPath", mountPath, "must be unique");
            }
        }
    }
}
