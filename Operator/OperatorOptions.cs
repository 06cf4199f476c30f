using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Granary.Operator;

/// <summary>
/// What an administrator can set. Immutable; bound once from arguments and environment by <see cref="OptionsBinder"/>.
/// </summary>
/// <remarks>
/// Each option is a flag in kebab case (<c>--worker-image=…</c>) or a variable (<c>GRANARY_OPERATOR__WORKER_IMAGE</c>).
/// </remarks>
internal sealed record OperatorOptions
{
    /// <summary>
    /// Image of the worker, used by trigger CronJobs and offered to Functions. Default <c>granary/worker:latest</c>.
    /// </summary>
    [Required]
    public string WorkerImage { get; init; } = "granary/worker:latest";

    /// <summary>Pull policy of every container that the operator makes. Default IfNotPresent.</summary>
    [AllowedValues("Always", "IfNotPresent", "Never")]
    public string ImagePullPolicy { get; init; } = "IfNotPresent";

    /// <summary>
    /// Names of Secrets for pulling images; they have to exist in the namespaces where Jobs run. Default none.
    /// </summary>
    public IReadOnlyList<string> ImagePullSecrets { get; init; } = [];

    /// <summary>Base URL of the Pushgateway; empty switches session metrics off. Default empty.</summary>
    public string PushgatewayUrl { get; init; } = "";

    /// <summary>Whether a session fails when its metrics cannot be pushed. Default false.</summary>
    public bool FailOnMetricsError { get; init; }

    /// <summary>Labels for every pushed series, as <c>key=value</c>. Default none.</summary>
    public IReadOnlyList<string> MetricsLabels { get; init; } = [];

    /// <summary>Address to serve on; defaults to <c>POD_IP</c>, else every address.</summary>
    public string BindAddress { get; init; } = "";

    /// <summary>Port for webhooks, metrics and probes, all over TLS. Default 8443.</summary>
    [Range(1, 65535)]
    public int Port { get; init; } = 8443;

    /// <summary>
    /// Whether admission requests are served and the webhook configuration is kept up to date. Default true.
    /// </summary>
    public bool EnableWebhooks { get; init; } = true;

    /// <summary>
    /// Service that leads to the webhooks; the certificate is made for it. Default <c>granary-operator</c>.
    /// </summary>
    [Required]
    public string ServiceName { get; init; } = "granary-operator";

    /// <summary>Namespace of the operator; defaults to <c>POD_NAMESPACE</c>, else the client's own.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The only namespace to watch; empty watches all. Default empty.</summary>
    public string WatchNamespace { get; init; } = "";

    /// <summary>Whether one of several replicas is elected to reconcile. Default true.</summary>
    public bool LeaderElection { get; init; } = true;

    /// <summary>How often a healthy object is looked at again without a change. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan ResyncPeriod { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a Pod may fail to start (image pull, configuration) before its session fails. Default 5 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan StartupPatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long the node of a running Pod may be NotReady before its session fails. Default 10 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan NodePatience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a session may wait for others of the same target before it is skipped. Default 24 hours.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan QueuePatience { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// The timeOut of sessions and restores that name none; 0s lets them take for ever. Default 0s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan SessionTimeOut { get; init; } = TimeSpan.Zero;

    /// <summary>The most reconciles at one time for each kind. Default 8.</summary>
    [Range(1, 256)]
    public int MaxParallelReconciles { get; init; } = 8;

    /// <summary>The address to bind; null for every address.</summary>
    public IPAddress? Address() => BindAddress.Length == 0 ? null : IPAddress.Parse(BindAddress);
}
