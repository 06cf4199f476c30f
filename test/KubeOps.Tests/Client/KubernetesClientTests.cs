using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using KubeOps.KubernetesClient.Selectors;
using KubeOps.Tests.Cluster;

namespace KubeOps.Tests.Client;

[Collection(ClusterTests.Name)]
public sealed class KubernetesClientTests(ClusterFixture cluster) : IAsyncLifetime
{
    private readonly RequestLog _log = new();
    private IKubernetesClient _client = null!;
    private string _namespace = string.Empty;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _client = cluster.Client(_log);
        _namespace = await cluster.NamespaceAsync();
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Objects_of_the_core_group_are_found_under_their_own_path()
    {
        await _client.CreateAsync(Secret("a"), Token);

        var read = await _client.GetAsync<V1Secret>("a", _namespace, Token);

        Assert.Equal("a", read!.Name());
        Assert.EndsWith(
            $"/api/v1/namespaces/{_namespace}/secrets/a",
            _log.Requests[^1].Address.AbsolutePath,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_does_not_exist_is_null_and_can_be_deleted()
    {
        Assert.Null(await _client.GetAsync<Widget>("nothing", _namespace, Token));
        await _client.DeleteAsync<Widget>("nothing", _namespace, Token);
    }

    [Fact]
    public async Task An_outdated_update_is_a_conflict_and_save_is_not()
    {
        var first = await _client.CreateAsync(Widget.Named("a", _namespace, "red"), Token);
        var second = await _client.GetAsync<Widget>("a", _namespace, Token);
        second!.Spec.Color = "green";
        await _client.UpdateAsync(second, Token);

        first.Spec.Color = "blue";
        var error = await Assert.ThrowsAsync<HttpOperationException>(() => _client.UpdateAsync(first, Token));
        Assert.Equal(HttpStatusCode.Conflict, error.Response.StatusCode);
        await _client.SaveAsync(first, Token);

        Assert.Equal("blue", (await _client.GetAsync<Widget>("a", _namespace, Token))!.Spec.Color);
    }

    [Fact]
    public async Task The_status_is_written_by_its_own_path()
    {
        var widget = await _client.CreateAsync(Widget.Named("a", _namespace, "red"), Token);
        widget.Status.Phase = "Ready";
        widget.Spec.Color = "ignored";

        await _client.UpdateStatusAsync(widget, Token);

        var read = await _client.GetAsync<Widget>("a", _namespace, Token);
        Assert.Equal(("Ready", "red"), (read!.Status.Phase, read.Spec.Color));
    }

    [Fact]
    public async Task Patches_travel_with_the_content_type_of_their_kind()
    {
        await _client.CreateAsync(Widget.Named("a", _namespace), Token);

        var merged = await _client.PatchAsync<Widget>(
            new V1Patch("""{"spec":{"color":"red"}}""", V1Patch.PatchType.MergePatch),
            "a",
            _namespace,
            cancellationToken: Token
        );
        var applied = await _client.PatchAsync(
            merged,
            new V1Patch(
                """{"apiVersion":"kubeops.test/v1","kind":"Widget","spec":{"color":"blue"}}""",
                V1Patch.PatchType.ApplyPatch
            ),
            fieldManager: "tests",
            force: true,
            cancellationToken: Token
        );

        Assert.Equal(("red", "blue"), (merged.Spec.Color, applied.Spec.Color));
    }

    /// <summary>Without a policy the server's default for Jobs leaves their Pods behind.</summary>
    [Fact]
    public async Task Deletions_ask_for_background_propagation()
    {
        await _client.CreateAsync(Secret("a"), Token);

        await _client.DeleteAsync<V1Secret>("a", _namespace, Token);

        var body = JsonNode.Parse(_log.Requests[^1].Body)!;
        Assert.Equal("Background", (string?)body["propagationPolicy"]);
    }

    [Fact]
    public async Task Lists_are_filtered_by_selectors_and_their_items_know_what_they_are()
    {
        await _client.CreateAsync(Secret("a", ("tier", "gold")), Token);
        await _client.CreateAsync(Secret("b", ("tier", "lead")), Token);

        var gold = await _client.ListAsync<V1Secret>(_namespace, new EqualsLabelSelector("tier", "gold", "silver"));
        var named = await _client.ListAsync<V1Secret>(
            _namespace,
            fieldSelector: "metadata.name=b",
            cancellationToken: Token
        );

        Assert.Equal("a", Assert.Single(gold).Name());
        Assert.Equal(("v1", "Secret"), (gold[0].ApiVersion, gold[0].Kind));
        Assert.Equal("b", Assert.Single(named).Name());
    }

    [Fact]
    public async Task A_watch_delivers_changes_from_a_version_on()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var first = await _client.CreateAsync(Widget.Named("a", _namespace), Token);
        await _client.CreateAsync(Widget.Named("b", _namespace), Token);

        await foreach (
            var (type, entity) in _client.WatchAsync<Widget>(
                _namespace,
                first.ResourceVersion(),
                cancellationToken: stop.Token
            )
        )
        {
            Assert.Equal((WatchEventType.Added, "b"), (type, entity.Name()));
            break;
        }
    }

    [Fact]
    public async Task A_watch_with_callbacks_ends_when_its_token_is_cancelled()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var seen = new TaskCompletionSource<string>();
        var closed = new TaskCompletionSource();
        await _client.CreateAsync(Widget.Named("a", _namespace), Token);

        using var watcher = _client.Watch<Widget>(
            (_, entity) => seen.TrySetResult(entity.Name()),
            onClose: () => closed.TrySetResult(),
            @namespace: _namespace,
            cancellationToken: stop.Token
        );

        Assert.Equal("a", await seen.Task.WaitAsync(TimeSpan.FromMinutes(2), Token));
        await stop.CancelAsync();
        await closed.Task.WaitAsync(TimeSpan.FromMinutes(2), Token);
    }

    [Fact]
    public void A_disposed_client_says_so()
    {
        _client.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _client.Get<Widget>("a", _namespace));
    }

    private V1Secret Secret(string name, params (string Key, string Value)[] labels) =>
        new()
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = _namespace,
                Labels = labels.ToDictionary(label => label.Key, label => label.Value),
            },
        };
}
