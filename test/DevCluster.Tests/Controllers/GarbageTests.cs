using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using Granary.TestSupport;

namespace Granary.DevCluster.Tests.Controllers;

/// <summary>Owners and dependents, custom resources among them; namespaces that end.</summary>
public sealed class GarbageTests : IAsyncLifetime
{
    private const string Things = "apis/gc.example.com/v1/namespaces/vec/things";
    private readonly TempDirectory _folder = new();
    private DevClusterHost _host = null!;
    private ResourceClient _rest = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await DevClusterHost.StartAsync(new DevClusterOptions(_folder.Path), Ct);
        _rest = new ResourceClient(_host.AdminClient);
        await NamespaceAsync("vec");
        await _rest.PostAsync(
            "apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
             "metadata":{"name":"things.gc.example.com"},
             "spec":{"group":"gc.example.com","scope":"Namespaced",
             "names":{"plural":"things","singular":"thing","kind":"Thing"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
            """,
            Ct
        );
        await Eventually.TrueAsync(
            "the resource to be served",
            async () => await _rest.GetAsync(Things, Ct) is not null,
            cancellationToken: Ct
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Background_deletion_takes_dependents_of_dependents()
    {
        var owner = await ThingAsync("owner");
        var child = await ThingAsync("child", Uid(owner), "owner");
        await MapAsync("grandchild", Uid(child), "child");
        await _rest.DeleteAsync($"{Things}/owner", null, "Background", Ct);
        await GoneAsync($"{Things}/child");
        await GoneAsync("api/v1/namespaces/vec/configmaps/grandchild");
    }

    [Fact]
    public async Task Foreground_deletion_keeps_the_owner_until_its_dependents_are_gone()
    {
        var owner = await ThingAsync("owner");
        await MapAsync("child", Uid(owner), "owner", finalizer: "gc.example.com/hold");
        await MapsAreKnownAsync();
        await _rest.DeleteAsync($"{Things}/owner", null, "Foreground", Ct);
        await Eventually.TrueAsync(
            "the child to be deleted",
            async () =>
                (await _rest.GetAsync("api/v1/namespaces/vec/configmaps/child", Ct))["metadata"]!["deletionTimestamp"]
                    is not null,
            cancellationToken: Ct
        );
        Assert.Equal(
            "foregroundDeletion",
            (string?)(await _rest.GetAsync($"{Things}/owner", Ct))["metadata"]!["finalizers"]![0]
        );
        await _rest.MergePatchAsync(
            "api/v1/namespaces/vec/configmaps/child",
            JsonNode.Parse("""{"metadata":{"finalizers":null}}""")!,
            Ct
        );
        await GoneAsync($"{Things}/owner");
    }

    [Fact]
    public async Task Orphaned_dependents_stay_and_forget_their_owner()
    {
        var owner = await ThingAsync("owner");
        await MapAsync("child", Uid(owner), "owner");
        await MapsAreKnownAsync();
        await _rest.DeleteAsync($"{Things}/owner", null, "Orphan", Ct);
        await GoneAsync($"{Things}/owner");
        Assert.Null(
            (await _rest.GetAsync("api/v1/namespaces/vec/configmaps/child", Ct))["metadata"]!["ownerReferences"]
        );
    }

    [Fact]
    public async Task A_dependent_of_an_owner_that_never_was_is_collected()
    {
        await MapAsync("ghost-child", "11111111-2222-3333-4444-555555555555", "ghost");
        await GoneAsync("api/v1/namespaces/vec/configmaps/ghost-child");
    }

    [Fact]
    public async Task A_dependent_with_another_living_owner_only_forgets_the_dead_one()
    {
        var one = await ThingAsync("one");
        var two = await ThingAsync("two");
        await MapAsync("child", Uid(one), "one");
        await _rest.MergePatchAsync(
            "api/v1/namespaces/vec/configmaps/child",
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["ownerReferences"] = new JsonArray(Reference(Uid(one), "one"), Reference(Uid(two), "two")),
                },
            },
            Ct
        );
        await _rest.DeleteAsync($"{Things}/one", null, "Background", Ct);
        await Eventually.TrueAsync(
            "the dead owner to be forgotten",
            async () =>
                (await _rest.GetAsync("api/v1/namespaces/vec/configmaps/child", Ct))["metadata"]!["ownerReferences"]
                    is JsonArray { Count: 1 },
            cancellationToken: Ct
        );
    }

    [Fact]
    public async Task A_namespace_says_what_holds_it_and_goes_when_it_is_empty()
    {
        await NamespaceAsync("vec2");
        await _rest.PostAsync(
            "apis/gc.example.com/v1/namespaces/vec2/things",
            """
            {"apiVersion":"gc.example.com/v1","kind":"Thing",
             "metadata":{"name":"held","finalizers":["gc.example.com/hold"]}}
            """,
            Ct
        );
        await _rest.DeleteAsync("api/v1/namespaces/vec2", null, null, Ct);
        var recorded = Recorded.Answer("finalizers-and-gc", "held by a finalizer: conditions say so")["status"]!;
        var expected = Recorded
            .Blotted(recorded)
            .Replace("things.vec.example.com", "things.gc.example.com", StringComparison.Ordinal)
            .Replace("vec.example.com/a", "gc.example.com/hold", StringComparison.Ordinal);
        var actual = "";
        try
        {
            await Eventually.TrueAsync(
                "the conditions",
                async () =>
                    (actual = Recorded.Blotted((await _rest.GetAsync("api/v1/namespaces/vec2", Ct))["status"]))
                    == expected,
                cancellationToken: Ct
            );
        }
        catch (TimeoutException)
        {
            Assert.Equal(expected, actual);
        }

        await _rest.MergePatchAsync(
            "apis/gc.example.com/v1/namespaces/vec2/things/held",
            JsonNode.Parse("""{"metadata":{"finalizers":null}}""")!,
            Ct
        );
        await GoneAsync("api/v1/namespaces/vec2");
    }

    private static string Uid(JsonObject item) => (string)item["metadata"]!["uid"]!;

    private static JsonObject Reference(string uid, string name) =>
        new()
        {
            ["apiVersion"] = "gc.example.com/v1",
            ["kind"] = "Thing",
            ["name"] = name,
            ["uid"] = uid,
            ["blockOwnerDeletion"] = true,
        };

    private Task NamespaceAsync(string name) =>
        _rest.PostAsync(
            "api/v1/namespaces",
            $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"}}""",
            Ct
        );

    private async Task<JsonObject> ThingAsync(string name, string? ownerUid = null, string ownerName = "")
    {
        var thing = new JsonObject
        {
            ["apiVersion"] = "gc.example.com/v1",
            ["kind"] = "Thing",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["ownerReferences"] = ownerUid is null ? null : new JsonArray(Reference(ownerUid, ownerName)),
            },
        };
        return JsonNode.Parse(await _rest.PostAsync(Things, thing.ToJsonString(), Ct))!.AsObject();
    }

    private Task MapAsync(string name, string ownerUid, string ownerName, string? finalizer = null) =>
        _rest.PostAsync(
            "api/v1/namespaces/vec/configmaps",
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["ownerReferences"] = new JsonArray(Reference(ownerUid, ownerName)),
                    ["finalizers"] = finalizer is null ? null : new JsonArray(finalizer),
                },
            }.ToJsonString(),
            Ct
        );

    /// <summary>
    /// Waits until the collector has seen every ConfigMap so far, by one that it must collect: it watches each resource
    /// apart, and an owner's deletion may reach it before a dependent that is older, in a real control plane as well.
    /// </summary>
    private async Task MapsAreKnownAsync()
    {
        await MapAsync("latest", "11111111-2222-3333-4444-555555555555", "nobody");
        await GoneAsync("api/v1/namespaces/vec/configmaps/latest");
    }

    private Task GoneAsync(string path) =>
        Eventually.TrueAsync(
            $"{path} to go",
            async () =>
            {
                try
                {
                    await _rest.GetAsync(path, Ct);
                    return false;
                }
                catch (ApiRequestException e) when (e.IsNotFound)
                {
                    return true;
                }
            },
            cancellationToken: Ct
        );
}
