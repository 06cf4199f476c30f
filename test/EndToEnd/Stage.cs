using System.Text.Json.Nodes;
using Granary.DevCluster;
using Granary.DevCluster.Nodes;
using Granary.DevCluster.Nodes.Images;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using k8s;

namespace Granary.EndToEnd;

/// <summary>
/// A cluster with the operator on it, an S3 server and two PostgreSQL servers: all that the main job needs.
/// </summary>
public sealed class Stage : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _servers = new();
    private readonly TempDirectory _folder = new();
    private readonly StageOptions _options;

    private Stage(StageOptions options) => _options = options;

    /// <summary>The file that kubectl needs to reach the cluster.</summary>
    public string Kubeconfig { get; private set; } = "";

    /// <summary>kubectl as an administrator of the cluster.</summary>
    public Kubectl Kubectl { get; private set; } = null!; // Set by StartAsync before anybody sees the stage.

    /// <summary>The S3 server behind <see cref="StorageLine"/>.</summary>
    public MotoServer S3 { get; private set; } = null!; // As above.

    /// <summary>The line between the Pods and the S3 server; cut it to take the server away.</summary>
    public FaultyProxy StorageLine { get; private set; } = null!; // As above.

    /// <summary>The server whose databases are backed up.</summary>
    public PostgresServer Source { get; private set; } = null!; // As above.

    /// <summary>The empty server that is restored into.</summary>
    public PostgresServer Target { get; private set; } = null!; // As above.

    /// <summary>Address of the operator's Pod, once it runs.</summary>
    public string OperatorAddress { get; private set; } = "";

    /// <summary>Starts the servers and the cluster, and installs the operator from <c>config/</c>.</summary>
    public static async Task<Stage> StartAsync(StageOptions options, CancellationToken cancellationToken = default)
    {
        var stage = new Stage(options);
        try
        {
            await Task.WhenAll(stage.StartServersAsync(cancellationToken), stage.StartClusterAsync(cancellationToken));
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Makes a namespace that lets only <em>restricted</em> Pods in, as careful administrators have it, and gives it
    /// Services for the databases and the storage, under the names that the samples use.
    /// </summary>
    public async Task ConnectAsync(string @namespace)
    {
        await Kubectl.ApplyAsync(
            $$"""
            apiVersion: v1
            kind: Namespace
            metadata:
              name: {{@namespace}}
              labels: {pod-security.kubernetes.io/enforce: restricted}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: {{StageNames.StorageNamespace}}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: s3, namespace: {{StageNames.StorageNamespace}}}
            spec: {type: ExternalName, externalName: {{_storageAddress}}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: sample-postgres, namespace: {{@namespace}}}
            spec: {type: ExternalName, externalName: {{Source.Address}}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: restored-postgres, namespace: {{@namespace}}}
            spec: {type: ExternalName, externalName: {{Target.Address}}}
            """
        );
    }

    /// <summary>What the Pushgateway in the operator's Pod holds.</summary>
    public async Task<string> MetricsAsync(CancellationToken cancellationToken = default)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri($"http://{OperatorAddress}:56789/metrics"), cancellationToken);
    }

    /// <summary>The operator's last log lines.</summary>
    public async Task<string> OperatorLogAsync() =>
        (
            await Kubectl.TryAsync([
                "logs",
                "-n",
                StageNames.OperatorNamespace,
                "deployment/granary-operator",
                "-c",
                "operator",
                "--tail=60",
            ])
        ).Output;

    /// <summary>
    /// The reference program on the repository that a Repository object names, with the credentials of its Secret.
    /// </summary>
    public async Task<ResticCli> ResticAsync(string @namespace, string repository)
    {
        JsonNode spec = (await Kubectl.GetAsync("repository.stash.appscode.com", repository, @namespace))
            ?["spec"]
            ?["backend"]
            ?? throw new InvalidOperationException($"There is no Repository {@namespace}/{repository}.");
        JsonNode data = (await Kubectl.GetAsync("secret", (string)spec["storageSecretName"]!, @namespace))?["data"]
            ?? throw new InvalidOperationException($"The storage Secret of {@namespace}/{repository} is missing.");
        string Value(string key) => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)data[key]!));
        string prefix = ((string?)spec["s3"]!["prefix"] ?? "").Trim('/');
        return new ResticCli(
            $"s3:{S3.Url}/{(string)spec["s3"]!["bucket"]!}/{prefix}",
            Value("RESTIC_PASSWORD"),
            new Dictionary<string, string>
            {
                ["AWS_ACCESS_KEY_ID"] = Value("AWS_ACCESS_KEY_ID"),
                ["AWS_SECRET_ACCESS_KEY"] = Value("AWS_SECRET_ACCESS_KEY"),
                ["AWS_DEFAULT_REGION"] = (string?)spec["s3"]!["region"] ?? "us-east-1",
            }
        );
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_servers.TryPop(out IAsyncDisposable? server))
        {
            await server.DisposeAsync();
        }

        _folder.Dispose();
    }

    private readonly string _storageAddress = FreePort.NextAddress();

    private async Task StartServersAsync(CancellationToken cancellationToken)
    {
        Task<MotoServer> s3 = MotoServer.StartAsync(cancellationToken: cancellationToken);
        Task<PostgresServer> source = StartPostgresAsync("sample-postgres", cancellationToken);
        Task<PostgresServer> target = StartPostgresAsync("restored-postgres", cancellationToken);
        S3 = Keep(await s3);
        Source = Keep(await source);
        Target = Keep(await target);
        var address = new Uri(S3.Url);
        StorageLine = Keep(FaultyProxy.Start(_storageAddress, 9000, address.Host, address.Port));
        await S3.CreateBucketAsync(StageNames.Bucket, cancellationToken);
        _options.Say(
            $"S3 on {_storageAddress}:9000; PostgreSQL {_options.PostgresMajor} on {Source.Address}:5432 and "
                + $"{Target.Address}:5432"
        );
    }

    private Task<PostgresServer> StartPostgresAsync(string service, CancellationToken cancellationToken) =>
        PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = _options.PostgresMajor,
                Address = FreePort.NextAddress(),
                Port = 5432,
                Password = StageNames.DatabasePassword,
                HostNames = [$"{service}.demo.svc"],
            },
            cancellationToken
        );

    private async Task StartClusterAsync(CancellationToken cancellationToken)
    {
        ImageMap images = ImageMap.FromFile(Images.WriteMap(_folder["images.json"], _options.Configuration));
        if (_options.ExistingCluster)
        {
            Kubeconfig = Environment.GetEnvironmentVariable("KUBECONFIG")
                ?? throw new InvalidOperationException("GRANARY_TEST_CLUSTER=existing needs KUBECONFIG.");
            if (_options.JoinAsNode)
            {
                var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig));
                Keep(
                    await NodeAgent.StartAsync(
                        client,
                        new NodeAgentOptions($"granary-{Environment.ProcessId}", images, _folder["node"]),
                        cancellationToken
                    )
                );
            }
        }
        else
        {
            DevClusterHost cluster = Keep(
                await DevClusterHost.StartAsync(
                    new DevClusterOptions(_folder["cluster"]) { Images = images },
                    cancellationToken
                )
            );
            Kubeconfig = cluster.KubeconfigPath;
            _options.Say($"DevCluster on {cluster.Server.Address}");
        }

        Kubectl = new Kubectl(Kubeconfig, _folder.Path);
        OperatorAddress = await new OperatorInstallation(Kubectl, _options).InstallAsync(cancellationToken);
        _options.Say($"the operator is ready on {OperatorAddress}");
    }

    private T Keep<T>(T server)
        where T : IAsyncDisposable
    {
        lock (_servers)
        {
            _servers.Push(server);
        }

        return server;
    }
}
