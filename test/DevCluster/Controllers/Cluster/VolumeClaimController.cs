using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Cluster;

/// <summary>Calls every claim bound: the node agent makes a directory for it when a Pod mounts it.</summary>
internal sealed class VolumeClaimController : IController
{
    private readonly ControllerContext _context;
    private readonly WorkQueue<(string Namespace, string Name)> _queue;

    public VolumeClaimController(ControllerContext context)
    {
        _context = context;
        _queue = context.Queue("persistentvolume-controller");
        context.Claims.OnChange(
            (_, claim) =>
            {
                if (claim is not null && claim.Status?.Phase != "Bound")
                {
                    _queue.Add(claim.Key());
                }
            }
        );
    }

    public Task RunAsync(CancellationToken ct) => _queue.RunAsync(BindAsync, 1, ct);

    private async Task BindAsync((string Namespace, string Name) key, CancellationToken ct)
    {
        if (
            _context.Claims.Find(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: null } claim
            || claim.Status?.Phase == "Bound"
        )
        {
            return;
        }

        var status = new V1PersistentVolumeClaimStatus
        {
            Phase = "Bound",
            AccessModes = claim.Spec.AccessModes,
            Capacity = claim.Spec.Resources?.Requests,
        };
        var patch = new JsonObject { ["status"] = JsonNode.Parse(k8s.KubernetesJson.Serialize(status)) };
        try
        {
            await _context.Client.MergePatchAsync(
                ResourceType.Claims.Path(key.Namespace, key.Name, "status"),
                patch,
                ct
            );
        }
        catch (ApiRequestException e) when (e.IsNotFound)
        {
            // Gone.
        }
    }
}
