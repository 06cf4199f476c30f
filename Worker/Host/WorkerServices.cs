using System.Net;
using Granary.Access;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Worker.Cluster;
using Granary.Worker.Processes;
using Granary.Worker.Streams;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Granary.Worker;

/// <summary>What commands work with; made once by the program, and by tests with other parts.</summary>
internal sealed class WorkerServices : IDisposable
{
    private readonly Lazy<ClusterClient> _cluster;
    private readonly Lazy<HttpClient> _http = new(() => new HttpClient());

    /// <param name="options">The environment.</param>
    /// <param name="log">Gets every message.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cluster">Makes the client of the API server; asked when it is first needed.</param>
    public WorkerServices(WorkerOptions options, ILogger log, TimeProvider time, Func<ClusterClient>? cluster = null)
    {
        Options = options;
        Log = new RedactingLog(log, Redactor);
        Time = time;
        _cluster = new(cluster ?? (() => ClusterClient.Connect(time, Log)));
        Backends = new BackendFactory(time, Log, options.StorageRetryTimeout);
    }

    /// <summary>The environment.</summary>
    public WorkerOptions Options { get; }

    /// <summary>Gets every message, and takes secrets out of it.</summary>
    public ILogger Log { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Takes secrets out of text.</summary>
    public Redactor Redactor { get; } = new();

    /// <summary>Numbers from 0 up to 1 that spread waits.</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>Where results for people and programs go.</summary>
    public TextWriter Out { get; init; } = StandardOutput.Text;

    /// <summary>Where words about a wrong command line go.</summary>
    public TextWriter Error { get; init; } = Console.Error;

    /// <summary>The standard output as bytes, for <c>dump</c>.</summary>
    public Func<Stream> RawOutput { get; init; } = StandardOutput.Open;

    /// <summary>The standard input as bytes, for <c>backup --stdin</c>.</summary>
    public Func<Stream> RawInput { get; init; } = PipeInput.StandardInput;

    /// <summary>The terminal for live progress; null in a Pod and where the output is no terminal.</summary>
    public IAnsiConsole? Terminal { get; init; }

    /// <summary>Whether long work runs without saying how far it is.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>The API server.</summary>
    public ClusterClient Cluster => _cluster.Value;

    /// <summary>For the Pushgateway.</summary>
    public HttpClient Http => _http.Value;

    /// <summary>What trying a password costs, in keys that are made.</summary>
    public KeyCost KeyCost { get; init; } = KeyCost.Default;

    /// <summary>Makes backends.</summary>
    public BackendFactory Backends { get; set; }

    /// <summary>Access to a repository in the name of this process.</summary>
    public RepositoryAccess Access(BackendSettings settings, string? keyHint = null)
    {
        var user = ClusterIdentity.UserName();

        // The whole host name, as restic writes it into its locks: by it restic's unlock recognises dead processes of
        // this machine.
        var self = new LockOwner(
            Options.PodName ?? Dns.GetHostName(),
            user,
            Environment.ProcessId,
            Options.PodNamespace,
            Options.PodName,
            Options.PodUid
        )
        {
            ProcessSpace = ProcessIdentity.Space,
        };

        // Outside of a Pod nobody knows which cluster a lock's Pod belongs to.
        var liveness = Options.IsInPod && user.Contains('@') ? new PodLiveness(Cluster, user, Log) : null;
        return new(
            Backends.Create(settings),
            settings.Credentials.Password,
            self,
            liveness is null ? null : liveness.IsOwnerGoneAsync,
            Time,
            Log
        )
        {
            KeyCost = KeyCost,
            KeyHint = keyHint,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_cluster.IsValueCreated)
        {
            _cluster.Value.Dispose();
        }

        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }
}
