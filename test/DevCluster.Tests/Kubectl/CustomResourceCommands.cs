using Granary.TestSupport;

namespace Granary.DevCluster.Tests.Kubectl;

public sealed class CustomResourceCommands
{
    [Fact]
    public async Task A_definition_is_applied_waited_for_and_used_at_once()
    {
        await using var kubectl = await KubectlSession.StartAsync();

        var applied = await kubectl.OutputAsync("apply -f " + kubectl.File("crd.yaml", Manifests.GadgetDefinition));
        var waited = await kubectl.OutputAsync("wait --for=condition=Established crd/gadgets.vec.example.com");
        var created = await kubectl.OutputAsync("apply -f " + kubectl.File("g.yaml", Manifests.Gadget));

        Assert.Equal("customresourcedefinition.apiextensions.k8s.io/gadgets.vec.example.com created", applied);
        Assert.Equal("customresourcedefinition.apiextensions.k8s.io/gadgets.vec.example.com condition met", waited);
        Assert.Equal("gadget.vec.example.com/g created", created);
    }

    [Fact]
    public async Task Applying_again_changes_only_what_changed()
    {
        await using var kubectl = await WithGadgetAsync();

        var again = await kubectl.OutputAsync("apply -f g.yaml");
        var changed = await kubectl.OutputAsync(
            "apply -f "
                + kubectl.File("g2.yaml", Manifests.Gadget.Replace("size: 2", "size: 3", StringComparison.Ordinal))
        );
        var generation = await kubectl.OutputAsync("get gadget g -o jsonpath={.metadata.generation}/{.spec.mode}");

        Assert.Equal("gadget.vec.example.com/g unchanged", again);
        Assert.Equal("gadget.vec.example.com/g configured", changed);
        Assert.Equal("2/A", generation);
    }

    [Fact]
    public async Task Tables_show_the_columns_of_the_definition()
    {
        await using var kubectl = await WithGadgetAsync();
        await kubectl.OutputAsync(
            "patch",
            "gadget",
            "g",
            "--subresource=status",
            "--type=merge",
            "-p",
            """{"status":{"phase":"Ready"}}"""
        );

        var byShortName = await kubectl.OutputAsync("get gd");
        var byCategory = await kubectl.OutputAsync("get all -A");

        Assert.Equal("NAME   SIZE   PHASE\ng      2      Ready", byShortName);
        Assert.Contains("gadget.vec.example.com/g   2      Ready", byCategory, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_fields_and_bad_values_are_refused_in_the_server_s_words()
    {
        await using var kubectl = await WithGadgetAsync();

        var unknown = await kubectl.RunAsync(
            "apply -f "
                + kubectl.File(
                    "u.yaml",
                    Manifests
                        .Gadget.Replace("name: g", "name: u", StringComparison.Ordinal)
                        .Replace("size: 2", "size: 2, extra: 1", StringComparison.Ordinal)
                )
        );
        var bad = await kubectl.RunAsync(
            "apply -f "
                + kubectl.File(
                    "b.yaml",
                    Manifests
                        .Gadget.Replace("name: g", "name: b", StringComparison.Ordinal)
                        .Replace("size: 2", "size: 0, mode: C", StringComparison.Ordinal)
                )
        );

        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains(
            "Gadget in version \"v1\" cannot be handled as a Gadget: strict decoding error: unknown field "
                + "\"spec.extra\"",
            unknown.Error,
            StringComparison.Ordinal
        );
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains(
            "* spec.mode: Unsupported value: \"C\": supported values: \"A\", \"B\"",
            bad.Error,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "* spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1",
            bad.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Server_side_apply_merges_lists_by_key_and_is_repeatable()
    {
        await using var kubectl = await WithGadgetAsync();
        var parts = Manifests.Gadget.Replace(
            "size: 2",
            "size: 2, parts: [{name: a, weight: 1}]",
            StringComparison.Ordinal
        );

        await kubectl.OutputAsync($"apply --server-side --force-conflicts -f {kubectl.File("a.yaml", parts)}");
        await kubectl.OutputAsync(
            "apply --server-side --force-conflicts --field-manager=other -f "
                + $"{kubectl.File("b.yaml", parts.Replace("name: a", "name: b", StringComparison.Ordinal))}"
        );
        var version = await kubectl.OutputAsync("get gadget g -o jsonpath={.metadata.resourceVersion}");
        await kubectl.OutputAsync("apply --server-side --force-conflicts --field-manager=other -f b.yaml");

        Assert.Equal("a b", await kubectl.OutputAsync("get gadget g -o jsonpath={.spec.parts[*].name}"));
        Assert.Equal(version, await kubectl.OutputAsync("get gadget g -o jsonpath={.metadata.resourceVersion}"));
    }

    [Fact]
    public async Task Explain_reads_the_published_schema()
    {
        await using var kubectl = await WithGadgetAsync();

        var text = await kubectl.OutputAsync("explain gadget.spec");

        Assert.Contains("FIELD: spec <Object>", text, StringComparison.Ordinal);
        Assert.Contains("Wished state.", text, StringComparison.Ordinal);
        Assert.Contains("  size\t<integer> -required-", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_shows_the_object_and_its_events()
    {
        await using var kubectl = await WithGadgetAsync();
        var uid = await kubectl.OutputAsync("get gadget g -o jsonpath={.metadata.uid}");
        var happened = kubectl.File(
            "event.yaml",
            $$"""
            apiVersion: v1
            kind: Event
            metadata: {name: e, namespace: default}
            involvedObject: {apiVersion: vec.example.com/v1, kind: Gadget, name: g, namespace: default, uid: {{uid}}}
            reason: Grown
            message: it is bigger now
            type: Normal
            source: {component: gardener}
            firstTimestamp: "2026-01-01T00:00:00Z"
            lastTimestamp: "2026-01-01T00:00:00Z"
            count: 1
            """
        );
        await kubectl.OutputAsync($"create -f {happened}");

        var text = await kubectl.OutputAsync("describe gadget g");

        Assert.Contains("API Version:  vec.example.com/v1", text, StringComparison.Ordinal);
        Assert.Matches(@"Normal\s+Grown\s+\S+\s+gardener\s+it is bigger now", text);
    }

    [Fact]
    public async Task Deletion_waits_for_the_finalizer()
    {
        await using var kubectl = await WithGadgetAsync();
        await kubectl.OutputAsync(
            "patch",
            "gadget",
            "g",
            "--type=merge",
            "-p",
            """{"metadata":{"finalizers":["vec.example.com/hold"]}}"""
        );

        await kubectl.OutputAsync("delete gadget g --wait=false");
        var held = await kubectl.OutputAsync("get gadget g -o jsonpath={.metadata.deletionTimestamp}");
        var waiting = kubectl.OutputAsync("wait --for=delete gadget/g --timeout=30s");
        await kubectl.OutputAsync(
            "patch",
            "gadget",
            "g",
            "--type=json",
            "-p",
            """[{"op":"remove","path":"/metadata/finalizers/0"}]"""
        );

        Assert.NotEmpty(held);
        // Nothing is printed where the object is gone before the first look.
        Assert.Contains(await waiting, (string[])["", "gadget.vec.example.com/g condition met"]);
        Assert.NotEqual(0, (await kubectl.RunAsync("get gadget g")).ExitCode);
    }

    [Fact]
    public async Task Deleting_the_definition_takes_its_objects_along()
    {
        await using var kubectl = await WithGadgetAsync();

        await kubectl.OutputAsync("delete crd gadgets.vec.example.com");
        var gone = await kubectl.RunAsync("get gadgets");
        var again = await kubectl.RunAsync("apply -f crd.yaml");

        Assert.Equal(1, gone.ExitCode);
        Assert.Equal(0, again.ExitCode);
        Assert.Empty(await kubectl.OutputAsync("get gadgets -A -o name"));
    }

    [Fact]
    public async Task Diff_shows_what_applying_would_change()
    {
        await using var kubectl = await WithGadgetAsync();
        var changed = kubectl.File("d.yaml", Manifests.Gadget.Replace("size: 2", "size: 5", StringComparison.Ordinal));

        var diff = await kubectl.RunAsync($"diff -f {changed}");

        Assert.Equal(1, diff.ExitCode);
        Assert.Contains("-  size: 2", diff.Output, StringComparison.Ordinal);
        Assert.Contains("+  size: 5", diff.Output, StringComparison.Ordinal);
        Assert.Equal("2", await kubectl.OutputAsync("get gadget g -o jsonpath={.spec.size}"));
    }

    private static async Task<KubectlSession> WithGadgetAsync()
    {
        var kubectl = await KubectlSession.StartAsync();
        (await kubectl.RunAsync("apply -f " + kubectl.File("crd.yaml", Manifests.GadgetDefinition))).Succeeded();
        (await kubectl.RunAsync("apply -f " + kubectl.File("g.yaml", Manifests.Gadget))).Succeeded();
        return kubectl;
    }
}
