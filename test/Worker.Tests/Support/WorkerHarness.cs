using Granary.Access;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.DevCluster.Api;
using Granary.Storage;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.Worker.Cluster;
using Granary.Worker.Commands;
using Granary.Worker.Reporting;
using k8s;
using k8s.Models;
using RepositoryResource = Granary.Api.Stash.V1Alpha1.Repository;

namespace Granary.Worker.Tests.Support;

/// <summary>
/// A cluster with our kinds, and the worker as a Job of it would run: same flags, same environment, other process.
/// </summary>
internal sealed class WorkerHarness : IAsyncDisposable
{
    public const string Namespace = "demo";
    public const string RepositoryPassword = "repository-password-of-the-test";

    private readonly ApiServer _server;
    private readonly CapturedLog _log = new();

    private WorkerHarness(ApiServer server)
    {
        _server = server;
        Kubernetes = server.CreateAdminClient();
        Cluster = new ClusterClient(Kubernetes, TimeProvider.System, _log);
    }

    public IKubernetes Kubernetes { get; }

    public ClusterClient Cluster { get; }

    public TempDirectory Folder { get; } = new();

    public string Log => _log.Text;

    public string Output { get; private set; } = "";

    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Makes the backend; null for the one that the flags name.</summary>
    public Func<BackendSettings, IBackend>? Provider { get; set; }

    public Dictionary<string, string> Environment { get; } =
        new()
        {
            ["POD_NAME"] = "worker-pod",
            ["POD_NAMESPACE"] = Namespace,
            ["POD_UID"] = "uid-of-the-pod",
            ["GRANARY_PG_BIN_DIRS"] = Path.Combine(RepositoryRoot.Tools, "pg"),
            ["GRANARY_LOG_LEVEL"] = "Debug",
        };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<WorkerHarness> StartAsync()
    {
        var harness = new WorkerHarness(await ApiServer.StartAsync(new ApiServerOptions(), Token));
        await harness.Kubernetes.CoreV1.CreateNamespaceAsync(
            new V1Namespace { Metadata = new V1ObjectMeta { Name = Namespace } },
            cancellationToken: Token
        );
        foreach (var definition in Definitions.All)
        {
            await harness.Kubernetes.ApiextensionsV1.CreateCustomResourceDefinitionAsync(
                definition,
                cancellationToken: Token
            );
        }

        return harness;
    }

    /// <summary>Runs a command line in this process.</summary>
    public async Task<int> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        var options = WorkerOptions.From(Environment.GetValueOrDefault);
        using var services = new WorkerServices(options, _log, Time, () =>
            new ClusterClient(_server.CreateAdminClient(), TimeProvider.System, _log)
        )
        {
            Out = output,
            Random = () => 0.1,
        };
        services.Backends = new BackendFactory(Time, services.Log, options.StorageRetryTimeout, Provider);
        var exitCode = await WorkerProgram.RunAsync(arguments, services, Token);
        Output = output.ToString();
        return exitCode;
    }

    /// <summary>What the last step left.</summary>
    public async Task<HostOutput> HostAsync(string directory) =>
        Assert.Single((await OutputFile.ReadAsync(Folder[directory], Token))!.TargetStatus.Stats);

    public async Task<T> ReadAsync<T>(string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => await Cluster.ReadAsync<T>(Namespace, name, Token);

    public async Task CreateAsync<T>(T entity)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = ClusterClient.KindOf<T>();
        entity.ApiVersion = $"{kind.Group}/{kind.ApiVersion}";
        entity.Kind = kind.Kind;
        entity.Metadata.NamespaceProperty ??= Namespace;
        Assert.True(await Cluster.CreateAsync(entity, Token));
    }

    public Task CreateSecretAsync(string name, params (string Key, string Value)[] data) =>
        Kubernetes.CoreV1.CreateNamespacedSecretAsync(
            new V1Secret
            {
                Metadata = new V1ObjectMeta { Name = name },
                StringData = data.ToDictionary(pair => pair.Key, pair => pair.Value),
            },
            Namespace,
            cancellationToken: Token
        );

    /// <summary>An AppBinding and its Secret for a server.</summary>
    public async Task BindAsync(
        string name,
        PostgresServer server,
        string? password = null,
        string? sslMode = "verify-full"
    )
    {
        await CreateSecretAsync(
            $"{name}-auth",
            ("username", PostgresServer.User),
            ("password", password ?? server.Password)
        );
        await CreateAsync(
            new AppBinding
            {
                Metadata = new V1ObjectMeta { Name = name },
                Spec = new AppBindingSpec
                {
                    Type = "kubedb.com/postgres",
                    ClientConfig = new ClientConfig
                    {
                        Url = $"postgresql://{server.Address}:{server.Port}/?sslmode={sslMode}",
                        CaBundle = Convert.ToBase64String(
                            await File.ReadAllBytesAsync(server.Certificates.CaFile, Token)
                        ),
                    },
                    Secret = new SecretReference { Name = $"{name}-auth" },
                },
            }
        );
    }

    /// <summary>
    /// A Repository on the local disk, its Secret, a BackupConfiguration of an AppBinding, and a session as the
    /// operator makes it.
    /// </summary>
    public async Task<string[]> PrepareLocalAsync(string appBinding)
    {
        await CreateSecretAsync("storage", ("RESTIC_PASSWORD", RepositoryPassword));
        await CreateAsync(
            new RepositoryResource
            {
                Metadata = new V1ObjectMeta { Name = "repo" },
                Spec = new()
                {
                    Backend = new Backend
                    {
                        StorageSecretName = "storage",
                        Local = new LocalBackend { MountPath = Folder["repo"] },
                    },
                },
            }
        );
        await CreateAsync(
            new BackupConfiguration
            {
                Metadata = new V1ObjectMeta
                {
                    Name = "nightly",
                    Labels = new Dictionary<string, string> { ["team"] = "blue" },
                },
                Spec = new BackupConfigurationSpec
                {
                    Schedule = "0 3 * * *",
                    Repository = new ObjectReference { Name = "repo" },
                    Target = new BackupTarget { Ref = Target(appBinding) },
                    RetentionPolicy = new RetentionPolicy
                    {
                        Name = "keep-last-2",
                        KeepLast = 2,
                        Prune = true,
                    },
                    RetryConfig = new RetryConfig { MaxRetry = 3 },
                },
            }
        );
        return
        [
            "--provider=local",
            $"--bucket={Folder["repo"]}",
            "--storage-secret-name=storage",
            $"--storage-secret-namespace={Namespace}",
        ];
    }

    /// <summary>Replaces the retention policy of the BackupConfiguration.</summary>
    public async Task SetRetentionAsync(RetentionPolicy policy)
    {
        var patch =
            $$"""[{"op": "replace", "path": "/spec/retentionPolicy", "value": {{KubernetesJson.Serialize(policy)}}}]""";
        await Kubernetes.CustomObjects.PatchNamespacedCustomObjectAsync(
            new V1Patch(patch, V1Patch.PatchType.JsonPatch),
            Kinds.StashGroup,
            "v1beta1",
            Namespace,
            "backupconfigurations",
            "nightly",
            cancellationToken: Token
        );
    }

    public static TargetRef Target(string appBinding) =>
        new()
        {
            ApiVersion = "appcatalog.appscode.com/v1alpha1",
            Kind = "AppBinding",
            Name = appBinding,
            Namespace = Namespace,
        };

    /// <summary>A session with the operator's bookkeeping.</summary>
    public async Task CreateSessionAsync(string name, params string[] appBindings)
    {
        await CreateAsync(
            new BackupSession
            {
                Metadata = new V1ObjectMeta { Name = name },
                Spec = new BackupSessionSpec
                {
                    Invoker = new InvokerRef
                    {
                        Kind = Kinds.BackupConfiguration,
                        Name = "nightly",
                        ApiGroup = Kinds.StashGroup,
                    },
                },
            }
        );
        await StatusWriter.UpdateAsync<BackupSession>(
            Cluster,
            Namespace,
            name,
            _ => new Dictionary<string, object?>
            {
                ["phase"] = SessionPhase.Running,
                ["targets"] = appBindings
                    .Select(
                        (appBinding, i) =>
                            new BackupTargetStatus
                            {
                                Ref = Target(appBinding),
                                TotalHosts = 1,
                                Phase = TargetPhase.Running,
                                PreBackupActions = i == 0 ? [BackupActions.InitializeBackendRepository] : null,
                                PostBackupActions =
                                    i == appBindings.Length - 1
                                        ?
                                        [
                                            BackupActions.ApplyRetentionPolicy,
                                            BackupActions.VerifyRepositoryIntegrity,
                                            BackupActions.SendRepositoryMetrics,
                                        ]
                                        : null,
                            }
                    )
                    .ToList(),
            },
            Token
        );
    }

    public async ValueTask DisposeAsync()
    {
        TestContext.Current.TestOutputHelper?.WriteLine(Log);
        Cluster.Dispose();
        await _server.DisposeAsync();
        Folder.Dispose();
    }
}
