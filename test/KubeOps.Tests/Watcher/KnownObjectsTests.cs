using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Operator.Watcher;
using KubeOps.Tests.Cluster;

namespace KubeOps.Tests.Watcher;

public sealed class KnownObjectsTests
{
    private readonly KnownObjects<Widget> _known = new(ReconcileStrategy.ByGeneration);

    [Fact]
    public void A_new_object_is_added() => Assert.Equal(ReconciliationType.Added, _known.Observe(Seen()));

    [Fact]
    public void A_change_of_status_labels_or_annotations_is_skipped()
    {
        _known.Observe(Seen(version: "1", generation: 1));

        Assert.Null(_known.Observe(Seen(version: "2", generation: 1)));
    }

    [Fact]
    public void A_change_of_the_specification_is_reconciled()
    {
        _known.Observe(Seen(version: "1", generation: 1));

        Assert.Equal(ReconciliationType.Modified, _known.Observe(Seen(version: "2", generation: 2)));
    }

    [Fact]
    public void Objects_without_a_generation_are_reconciled_at_every_change()
    {
        _known.Observe(Seen(version: "1", generation: null));

        Assert.Equal(ReconciliationType.Modified, _known.Observe(Seen(version: "2", generation: null)));
        Assert.Null(_known.Observe(Seen(version: "2", generation: null)));
    }

    [Fact]
    public void The_beginning_of_a_deletion_and_each_change_of_finalizers_are_reconciled()
    {
        _known.Observe(Seen(version: "1", generation: 1));

        Assert.Equal(ReconciliationType.Modified, _known.Observe(Seen("2", 1, deleting: true, "a", "b")));
        Assert.Null(_known.Observe(Seen("3", 1, deleting: true, "a", "b")));
        Assert.Equal(ReconciliationType.Modified, _known.Observe(Seen("4", 1, deleting: true, "b")));
    }

    [Fact]
    public void By_resource_version_every_change_counts()
    {
        var known = new KnownObjects<Widget>(ReconcileStrategy.ByResourceVersion);
        known.Observe(Seen(version: "1", generation: 1));

        Assert.Equal(ReconciliationType.Modified, known.Observe(Seen(version: "2", generation: 1)));
        Assert.Null(known.Observe(Seen(version: "2", generation: 1)));
    }

    [Fact]
    public void What_is_missing_from_a_list_is_gone_with_its_last_snapshot()
    {
        _known.Observe(Seen(version: "1"));
        _known.Observe(Seen(version: "2"));

        var gone = _known.RemoveMissing([]);

        Assert.Equal("2", Assert.Single(gone).Metadata.ResourceVersion);
        Assert.Empty(_known.RemoveMissing([]));
    }

    [Fact]
    public void An_object_that_was_replaced_by_one_of_the_same_name_is_gone()
    {
        _known.Observe(Seen(uid: "old"));

        var gone = _known.RemoveMissing([Seen(uid: "new")]);

        Assert.Equal("old", Assert.Single(gone).Metadata.Uid);
    }

    [Fact]
    public void After_leadership_was_lost_everything_is_new_but_its_end_is_still_noticed()
    {
        _known.Observe(Seen());
        _known.ForgetReconciliations();

        Assert.Equal(ReconciliationType.Added, _known.Observe(Seen()));
        _known.ForgetReconciliations();
        Assert.Single(_known.RemoveMissing([]));
    }

    private static Widget Seen(
        string version = "1",
        long? generation = 1,
        bool deleting = false,
        params string[] finalizers
    ) => Seen("uid", version, generation, deleting, finalizers);

    private static Widget Seen(string uid) => Seen(uid, "1", 1, deleting: false);

    private static Widget Seen(
        string uid,
        string version,
        long? generation,
        bool deleting,
        params string[] finalizers
    ) =>
        new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = "a",
                Uid = uid,
                ResourceVersion = version,
                Generation = generation,
                Finalizers = finalizers,
                DeletionTimestamp = deleting ? DateTime.UnixEpoch : null,
            },
        };
}
