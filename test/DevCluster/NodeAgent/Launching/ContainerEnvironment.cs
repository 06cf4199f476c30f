using System.Text;
using Granary.DevCluster.Machinery;
using Granary.DevCluster.Nodes.Images;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Launching;

/// <summary>
/// Builds a container's environment: defaults, image, cluster address, <c>envFrom</c>, <c>env</c>; later ones win.
/// </summary>
internal sealed class ContainerEnvironment(ResourceClient client, V1Pod pod, string podIp, string hostIp)
{
    /// <exception cref="ContainerConfigException">
    /// A Secret, ConfigMap, key or field that is not optional is missing.
    /// </exception>
    public async Task<Dictionary<string, string>> BuildAsync(
        V1Container container,
        ImageEntry image,
        ContainerUser user,
        CancellationToken ct
    )
    {
        var api = client.Client.BaseUri;
        var port = $"{api.Port}";
        var result = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOSTNAME"] = HostNameOf(pod),
            ["HOME"] = user.Home,
            ["KUBERNETES_SERVICE_HOST"] = api.Host,
            ["KUBERNETES_SERVICE_PORT"] = port,
            ["KUBERNETES_SERVICE_PORT_HTTPS"] = port,
        };
        foreach (var (name, value) in image.Env)
        {
            result[name] = value;
        }

        foreach (var source in container.EnvFrom ?? [])
        {
            await AddAllAsync(source, result, ct);
        }

        foreach (var variable in container.Env ?? [])
        {
            if (variable.ValueFrom is { } from)
            {
                if (await ReadAsync(container, from, ct) is { } value)
                {
                    result[variable.Name] = value;
                }
            }
            else
            {
                result[variable.Name] = VariableExpansion.Expand(variable.Value ?? "", result);
            }
        }

        return result;
    }

    /// <summary>A Pod's host name: its own, else its name.</summary>
    public static string HostNameOf(V1Pod pod)
    {
        var name = pod.Spec.Hostname ?? pod.Metadata.Name;
        return name.Length > 63 ? name[..63].TrimEnd('-', '.') : name;
    }

    private async Task AddAllAsync(V1EnvFromSource source, Dictionary<string, string> result, CancellationToken ct)
    {
        if (source.SecretRef is { } secretRef)
        {
            var secret = await client.FindAsync<V1Secret>(
                ResourceType.Secrets,
                pod.Metadata.NamespaceProperty,
                secretRef.Name,
                ct
            );
            Require(secret is not null || secretRef.Optional == true, $"secret \"{secretRef.Name}\" not found");
            foreach (var (key, value) in secret?.Data ?? new Dictionary<string, byte[]>())
            {
                result[source.Prefix + key] = Encoding.UTF8.GetString(value);
            }
        }

        if (source.ConfigMapRef is { } mapRef)
        {
            var map = await client.FindAsync<V1ConfigMap>(
                ResourceType.ConfigMaps,
                pod.Metadata.NamespaceProperty,
                mapRef.Name,
                ct
            );
            Require(map is not null || mapRef.Optional == true, $"configmap \"{mapRef.Name}\" not found");
            foreach (var (key, value) in map?.Data ?? new Dictionary<string, string>())
            {
                result[source.Prefix + key] = value;
            }
        }
    }

    private async Task<string?> ReadAsync(V1Container container, V1EnvVarSource from, CancellationToken ct)
    {
        var ns = pod.Metadata.NamespaceProperty;
        if (from.FieldRef is { } field)
        {
            return DownwardFields.Read(pod, podIp, hostIp, field.FieldPath);
        }

        if (from.ResourceFieldRef is { } resource)
        {
            return DownwardFields.Resource(pod, container, resource);
        }

        if (from.SecretKeyRef is { } secretKey)
        {
            var secret = await client.FindAsync<V1Secret>(ResourceType.Secrets, ns, secretKey.Name, ct);
            Require(secret is not null || secretKey.Optional == true, $"secret \"{secretKey.Name}\" not found");
            var bytes = secret?.Data is { } data && data.TryGetValue(secretKey.Key, out var found) ? found : null;
            Require(
                bytes is not null || secretKey.Optional == true,
                $"couldn't find key {secretKey.Key} in Secret {ns}/{secretKey.Name}"
            );
            return bytes is null ? null : Encoding.UTF8.GetString(bytes);
        }

        if (from.ConfigMapKeyRef is { } mapKey)
        {
            var map = await client.FindAsync<V1ConfigMap>(ResourceType.ConfigMaps, ns, mapKey.Name, ct);
            Require(map is not null || mapKey.Optional == true, $"configmap \"{mapKey.Name}\" not found");
            var text = map?.Data is { } data && data.TryGetValue(mapKey.Key, out var found) ? found : null;
            Require(
                text is not null || mapKey.Optional == true,
                $"couldn't find key {mapKey.Key} in ConfigMap {ns}/{mapKey.Name}"
            );
            return text;
        }

        return null;
    }

    private static void Require(bool met, string message)
    {
        if (!met)
        {
            throw new ContainerConfigException(message);
        }
    }
}
