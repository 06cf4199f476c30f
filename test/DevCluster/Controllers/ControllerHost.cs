using Granary.DevCluster.Controllers.Cluster;
using Granary.DevCluster.Controllers.CronJobs;
using Granary.DevCluster.Controllers.Garbage;
using Granary.DevCluster.Controllers.Jobs;
using Granary.DevCluster.Controllers.Workloads;
using k8s;

namespace Granary.DevCluster.Controllers;

/// <summary>All controllers of DevCluster against any API server that the client leads to.</summary>
public sealed class ControllerHost : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ControllerContext _context;
    private readonly List<Task> _running = [];
    private IController[] _controllers = [];

    private ControllerHost(ControllerContext context) => _context = context;

    /// <summary>Starts the controllers and returns when their caches are filled.</summary>
    /// <param name="client">A client with an administrator's rights; stays the caller's.</param>
    /// <param name="ct">Ends the start, not the running controllers; dispose the host for that.</param>
    public static async Task<ControllerHost> StartAsync(
        IKubernetes client,
        ControllerOptions options,
        CancellationToken ct
    )
    {
        var context = new ControllerContext(client, options);
        var host = new ControllerHost(context);
        host._controllers =
        [
            new JobController(context),
            new CronJobController(context),
            new ReplicaSetController(context),
            new DeploymentController(context),
            .. options.Schedules ? (IController[])[new Scheduler(context)] : [],
            new ServiceEndpointsController(context),
            new ServiceAccountController(context),
            new NamespaceController(context),
            new VolumeClaimController(context),
            new GarbageCollector(context),
        ];
        try
        {
            foreach (var informer in context.Informers)
            {
                host._running.Add(informer(host._stop.Token));
            }

            await context.SyncedAsync(ct);
            host._running.AddRange(host._controllers.Select(controller => controller.RunAsync(host._stop.Token)));
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops every controller; objects stay as they are.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var controller in _controllers.OfType<IDisposable>())
        {
            controller.Dispose();
        }

        _stop.Dispose();
    }
}
