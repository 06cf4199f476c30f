using System.Text;
using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using Granary.DevCluster.Nodes.Launching;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Volumes;

/// <summary>Reads the content of volumes whose files come from the API.</summary>
internal sealed class VolumeSources(ResourceClient client, V1Pod pod, string podIp, string hostIp)
{
    private const int DefaultMode = 0x1a4;
    private readonly Dictionary<string, (byte[] Token, DateTimeOffset Renew)> _tokens = new(StringComparer.Ordinal);

    private string Namespace => pod.Metadata.NamespaceProperty;

    /// <summary>The files of a volume; null when it has no content of the API's.</summary>
    /// <exception cref="VolumeException">Something that is not optional is missing.</exception>
    public async Task<List<ProjectedFile>?> ReadAsync(V1Volume volume, CancellationToken ct)
    {
        var files = new List<ProjectedFile>();
        if (volume.Secret is { } secret)
        {
            files.AddRange(await SecretAsync(secret.SecretName, secret.Items, secret.Optional, secret.DefaultMode, ct));
        }
        else if (volume.ConfigMap is { } map)
        {
            files.AddRange(await ConfigMapAsync(map.Name, map.Items, map.Optional, map.DefaultMode, ct));
        }
        else if (volume.DownwardAPI is { } downward)
        {
            files.AddRange(Downward(downward.Items, downward.DefaultMode));
        }
        else if (volume.Projected is { } projected)
        {
            foreach (var source in projected.Sources ?? [])
            {
                files.AddRange(await ProjectedAsync(volume.Name, source, projected.DefaultMode, ct));
            }
        }
        else
        {
            return null;
        }

        // A later source wins over an earlier one at the same path.
        return [.. files.GroupBy(file => file.Path, StringComparer.Ordinal).Select(group => group.Last())];
    }

    private async Task<IEnumerable<ProjectedFile>> ProjectedAsync(
        string volume,
        V1VolumeProjection source,
        int? mode,
        CancellationToken ct
    )
    {
        if (source.ServiceAccountToken is { } token)
        {
            return [new ProjectedFile(token.Path, await TokenAsync(volume, token, ct), mode ?? DefaultMode)];
        }

        if (source.Secret is { } secret)
        {
            return await SecretAsync(secret.Name, secret.Items, secret.Optional, mode, ct);
        }

        if (source.ConfigMap is { } map)
        {
            // Written into every Pod by admission of one distribution, absent everywhere else.
            var optional = map.Optional == true || map.Name == "openshift-service-ca.crt";
            return await ConfigMapAsync(map.Name, map.Items, optional, mode, ct);
        }

        return source.DownwardAPI is { } downward ? Downward(downward.Items, mode) : [];
    }

    private async Task<IEnumerable<ProjectedFile>> SecretAsync(
        string name,
        IList<V1KeyToPath>? items,
        bool? optional,
        int? mode,
        CancellationToken ct
    )
    {
        var secret = await client.FindAsync<V1Secret>(ResourceType.Secrets, Namespace, name, ct);
        if (secret is null && optional != true)
        {
            throw new VolumeException($"secret \"{name}\" not found");
        }

        return Select(secret?.Data ?? new Dictionary<string, byte[]>(), items, mode, optional, $"secret {name}");
    }

    private async Task<IEnumerable<ProjectedFile>> ConfigMapAsync(
        string name,
        IList<V1KeyToPath>? items,
        bool? optional,
        int? mode,
        CancellationToken ct
    )
    {
        var map = await client.FindAsync<V1ConfigMap>(ResourceType.ConfigMaps, Namespace, name, ct);
        if (map is null && optional != true)
        {
            throw new VolumeException($"configmap \"{name}\" not found");
        }

        var data = new Dictionary<string, byte[]>(
            map?.BinaryData ?? new Dictionary<string, byte[]>(),
            StringComparer.Ordinal
        );
        foreach (var (key, value) in map?.Data ?? new Dictionary<string, string>())
        {
            data[key] = Encoding.UTF8.GetBytes(value);
        }

        return Select(data, items, mode, optional, $"configmap {name}");
    }

    private static IEnumerable<ProjectedFile> Select(
        IDictionary<string, byte[]> data,
        IList<V1KeyToPath>? items,
        int? mode,
        bool? optional,
        string owner
    )
    {
        if (items is not { Count: > 0 })
        {
            return data.Select(pair => new ProjectedFile(pair.Key, pair.Value, mode ?? DefaultMode));
        }

        var missing = items.FirstOrDefault(item => !data.ContainsKey(item.Key));
        return missing is not null && optional != true
            ? throw new VolumeException($"references non-existent key {missing.Key} in {owner}")
            : items
                .Where(item => data.ContainsKey(item.Key))
                .Select(item => new ProjectedFile(item.Path, data[item.Key], item.Mode ?? mode ?? DefaultMode));
    }

    private List<ProjectedFile> Downward(IList<V1DownwardAPIVolumeFile>? items, int? mode) =>
        [
            .. (items ?? []).Select(item =>
                ProjectedFile.Text(
                    item.Path,
                    item.FieldRef is { } field
                        ? DownwardFields.Read(pod, podIp, hostIp, field.FieldPath)
                        : DownwardFields.Resource(pod, pod.Spec.Containers[0], item.ResourceFieldRef),
                    item.Mode ?? mode ?? DefaultMode
                )
            ),
        ];

    private async Task<byte[]> TokenAsync(
        string volume,
        V1ServiceAccountTokenProjection projection,
        CancellationToken ct
    )
    {
        var key = $"{volume}/{projection.Path}";
        var now = DateTimeOffset.UtcNow;
        if (_tokens.TryGetValue(key, out var known) && now < known.Renew)
        {
            return known.Token;
        }

        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject
            {
                ["audiences"] = projection.Audience is { } audience ? new JsonArray(audience) : null,
                ["expirationSeconds"] = projection.ExpirationSeconds ?? 3600,
                ["boundObjectRef"] = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Pod",
                    ["name"] = pod.Metadata.Name,
                    ["uid"] = pod.Metadata.Uid,
                },
            },
        };
        if (projection.Audience is null)
        {
            request["spec"]!.AsObject().Remove("audiences");
        }

        try
        {
            var path = ResourceType.ServiceAccounts.Path(Namespace, pod.Spec.ServiceAccountName ?? "default", "token");
            var answer = JsonNode.Parse(await client.PostAsync(path, request.ToJsonString(), ct))!;
            var token = Encoding.UTF8.GetBytes((string)answer["status"]!["token"]!);

            // Renewed when a fifth of its life is left, as kubelets do.
            _tokens[key] = (token, now.AddSeconds((projection.ExpirationSeconds ?? 3600) * 0.8));
            return token;
        }
        catch (ApiRequestException e)
        {
            throw new VolumeException($"failed to fetch token: {e.Message}");
        }
    }
}
