using Granary.DevCluster.Machinery;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Cluster;

/// <summary>
/// Gives every namespace its <c>default</c> service account and the authority that Pods trust the API server by.
/// </summary>
internal sealed class ServiceAccountController : IController
{
    private readonly ControllerContext _context;
    private readonly WorkQueue<(string Namespace, string Name)> _queue;
    private readonly string? _authority;

    public ServiceAccountController(ControllerContext context)
    {
        _context = context;
        _queue = context.Queue("serviceaccount-controller");
        _authority = context.Options.RootCertificates;
        context.Namespaces.OnChange(
            (_, ns) =>
            {
                if (ns is not null)
                {
                    _queue.Add(ns.Key());
                }
            }
        );
        context.ServiceAccounts.OnChange(
            (old, account) =>
            {
                if (account is null && old!.Metadata.Name == "default")
                {
                    _queue.Add(("", old.Metadata.NamespaceProperty));
                }
            }
        );
    }

    public Task RunAsync(CancellationToken ct) => _queue.RunAsync(SyncAsync, 1, ct);

    private async Task SyncAsync((string Namespace, string Name) key, CancellationToken ct)
    {
        if (_context.Namespaces.Find(null, key.Name) is not { Metadata.DeletionTimestamp: null })
        {
            return;
        }

        try
        {
            if (
                await _context.Client.FindAsync<V1ServiceAccount>(ResourceType.ServiceAccounts, key.Name, "default", ct)
                is null
            )
            {
                await _context.Client.CreateAsync(
                    ResourceType.ServiceAccounts,
                    key.Name,
                    new V1ServiceAccount
                    {
                        ApiVersion = "v1",
                        Kind = "ServiceAccount",
                        Metadata = new V1ObjectMeta { Name = "default" },
                    },
                    ct
                );
            }

            if (
                _authority is not null
                && await _context.Client.FindAsync<V1ConfigMap>(
                    ResourceType.ConfigMaps,
                    key.Name,
                    "kube-root-ca.crt",
                    ct
                )
                    is null
            )
            {
                await _context.Client.CreateAsync(ResourceType.ConfigMaps, key.Name, Authority(_authority), ct);
            }
        }
        catch (ApiRequestException e) when (e.Reason == "AlreadyExists" || e.IsForbidden)
        {
            // Somebody was faster, or the namespace began to end.
        }
    }

    private static V1ConfigMap Authority(string pem) =>
        new()
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new V1ObjectMeta
            {
                Name = "kube-root-ca.crt",
                Annotations = new Dictionary<string, string>
                {
                    ["kubernetes.io/description"] =
                        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "
                        + "endpoints such as the internal "
                        + "service IP or kubernetes.default.svc. No other usage is guaranteed across distributions "
                        + "of Kubernetes clusters.",
                },
            },
            Data = new Dictionary<string, string> { ["ca.crt"] = pem },
        };
}
