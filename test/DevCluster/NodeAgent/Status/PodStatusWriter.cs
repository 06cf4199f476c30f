using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Nodes.Status;

/// <summary>Writes one Pod's status, in order, only when it changed, and again until the server took it.</summary>
internal sealed class PodStatusWriter(
    ResourceClient client,
    Func<V1Pod> current,
    Func<V1PodStatus> build,
    Action<V1Pod> absorb,
    ILogger log
) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private string _written = "";

    public async Task WriteAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var delay = TimeSpan.FromMilliseconds(50);
            while (!await TryAsync(ct))
            {
                await Task.Delay(delay, ct);
                delay = delay < TimeSpan.FromSeconds(5) ? delay * 2 : delay;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<bool> TryAsync(CancellationToken ct)
    {
        var pod = current();
        var status = build();
        var text = KubernetesJson.Serialize(status);
        if (text == _written)
        {
            return true;
        }

        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid },
            ["status"] = JsonNode.Parse(text),
        };
        try
        {
            var answer = await client.MergePatchAsync(
                ResourceType.Pods.Path(pod.Metadata.NamespaceProperty, pod.Metadata.Name, "status"),
                patch,
                ct
            );
            absorb(KubernetesJson.Deserialize<V1Pod>(answer));
            _written = text;
            return true;
        }
        catch (ApiRequestException e) when (e.IsNotFound || e.IsConflict)
        {
            // The Pod is gone, or another one has its name: nobody is left to tell.
            return true;
        }
        catch (ApiRequestException e) when ((int)e.Code < 500)
        {
            log.LogWarning(
                e,
                "the status of pod {Namespace}/{Name} was refused",
                pod.Metadata.NamespaceProperty,
                pod.Metadata.Name
            );
            return true;
        }
        catch (Exception e) when (e is ApiRequestException or HttpRequestException or IOException)
        {
            log.LogDebug(e, "the status of pod {Name} could not be written yet", pod.Metadata.Name);
            return false;
        }
    }
}
