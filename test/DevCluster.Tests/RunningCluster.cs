using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using Granary.DevCluster.Nodes.Images;
using Granary.TestSupport;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Tests;

/// <summary>
/// A whole DevCluster for the tests of one class; its images <c>shell</c> and <c>echo</c> are programs of this machine.
/// </summary>
public sealed class RunningCluster : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private DevClusterHost? _host;
    private int _namespaces;

    public DevClusterHost Host => _host!;

    public IKubernetes Client => Host.AdminClient;

    /// <summary>Any path with any body.</summary>
    public ResourceClient Rest { get; private set; } = null!;

    public string Folder => _folder.Path;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var images = new Dictionary<string, ImageEntry>(StringComparer.Ordinal)
        {
            ["shell"] = new()
            {
                Command = ["/bin/sh", "-c"],
                Env = new Dictionary<string, string> { ["FROM_IMAGE"] = "yes" },
            },
            ["echo:1"] = new() { Command = ["/bin/echo", "one"] },
            ["pushgateway"] = new() { Command = [RepositoryRoot.Tool("prometheus-pushgateway")] },
        };
        _host = await DevClusterHost.StartAsync(
            new DevClusterOptions(_folder["cluster"])
            {
                Images = new ImageMap(images),
                RestartBackoff = TimeSpan.FromMilliseconds(300),
                JobBackoff = TimeSpan.FromMilliseconds(200),
                VolumeRefresh = TimeSpan.FromMilliseconds(300),
            },
            Ct
        );
        Rest = new ResourceClient(_host.AdminClient);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>A namespace of its own.</summary>
    public async Task<string> NamespaceAsync()
    {
        var name = $"t{Interlocked.Increment(ref _namespaces)}";
        await Client.CoreV1.CreateNamespaceAsync(
            new V1Namespace { Metadata = new V1ObjectMeta { Name = name } },
            cancellationToken: Ct
        );
        await Eventually.TrueAsync(
            "the default service account",
            async () =>
                (await Client.CoreV1.ListNamespacedServiceAccountAsync(name, cancellationToken: Ct)).Items.Count > 0,
            cancellationToken: Ct
        );
        return name;
    }

    public Task<V1Pod> CreatePodAsync(string ns, string yaml) =>
        Client.CoreV1.CreateNamespacedPodAsync(KubernetesYaml.Deserialize<V1Pod>(yaml), ns, cancellationToken: Ct);

    public Task<V1Job> CreateJobAsync(string ns, string yaml) =>
        Client.BatchV1.CreateNamespacedJobAsync(KubernetesYaml.Deserialize<V1Job>(yaml), ns, cancellationToken: Ct);

    public async Task<V1Pod> PodAsync(string ns, string name) =>
        await Client.CoreV1.ReadNamespacedPodAsync(name, ns, cancellationToken: Ct);

    public Task DeletePodAsync(string ns, string name) =>
        Rest.DeleteAsync(ResourceType.Pods.Path(ns, name), null, null, Ct);

    /// <summary>The Pod once it is as wanted.</summary>
    public Task<V1Pod> PodAsync(string ns, string name, string what, Func<V1Pod, bool> wanted) =>
        Eventually.ValueAsync(
            $"pod {name} {what}",
            async () =>
                await PodAsync(ns, name) is var pod && wanted(pod)
                    ? pod
                    : throw new InvalidOperationException(KubernetesJson.Serialize(pod.Status)),
            cancellationToken: Ct
        );

    public Task<V1Pod> EndedAsync(string ns, string name) =>
        PodAsync(ns, name, "to end", pod => pod.Status?.Phase is "Succeeded" or "Failed");

    public Task<V1Pod> ReadyAsync(string ns, string name) =>
        PodAsync(ns, name, "to be ready", pod =>
            pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true
        );

    public async Task<bool> ExistsAsync(ResourceType type, string ns, string name) =>
        await Rest.FindAsync<PartialObject>(type, ns, name, Ct) is not null;

    /// <summary>What a container has printed.</summary>
    public async Task<string> LogAsync(
        string ns,
        string pod,
        string? container = null,
        bool previous = false,
        int? tailLines = null
    )
    {
        await using var stream = await Client.CoreV1.ReadNamespacedPodLogAsync(
            pod,
            ns,
            container: container,
            previous: previous,
            tailLines: tailLines,
            cancellationToken: Ct
        );
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Ct);
    }

    /// <summary>Waits until a container has printed exactly this.</summary>
    public Task LoggedAsync(string ns, string pod, string text, string? container = null) =>
        Eventually.TrueAsync(
            $"the log of {pod} to be as wanted",
            async () => await LogAsync(ns, pod, container) == text,
            cancellationToken: Ct
        );

    /// <summary>Waits until there is no such object.</summary>
    public Task GoneAsync(ResourceType type, string ns, string name) =>
        Eventually.TrueAsync(
            $"{type} {name} to go",
            async () => !await ExistsAsync(type, ns, name),
            cancellationToken: Ct
        );

    public async Task<IReadOnlyList<(string Type, string Reason, string Message)>> EventsAsync(string ns, string about)
    {
        var events = await Client.CoreV1.ListNamespacedEventAsync(ns, cancellationToken: Ct);
        return [.. events.Items.Where(e => e.InvolvedObject.Name == about).Select(e => (e.Type, e.Reason, e.Message))];
    }

    /// <summary>Creates any object.</summary>
    public Task ApplyAsync(string path, JsonObject body) => Rest.PostAsync(path, body.ToJsonString(), Ct);
}
