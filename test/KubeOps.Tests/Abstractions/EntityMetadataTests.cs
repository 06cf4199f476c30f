using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.Tests.Cluster;

namespace KubeOps.Tests.Abstractions;

public sealed class EntityMetadataTests
{
    [Fact]
    public void Names_derive_from_the_kind()
    {
        var metadata = new EntityMetadata("BackupPlan", "v1beta1", "kubeops.test");

        Assert.Equal("BackupPlanList", metadata.ListKind);
        Assert.Equal("backupplan", metadata.SingularName);
        Assert.Equal("backupplans", metadata.PluralName);
        Assert.Equal("kubeops.test/v1beta1", metadata.GroupWithVersion);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void The_core_group_is_left_out(string? group) =>
        Assert.Equal("v1", new EntityMetadata("Pod", "v1", group).GroupWithVersion);

    [Fact]
    public void An_explicit_plural_is_lower_cased() =>
        Assert.Equal("repositories", new EntityMetadata("Repository", "v1", Plural: "Repositories").PluralName);

    [Fact]
    public void Finalizer_identifiers_carry_group_and_suffix()
    {
        Assert.Equal("kubeops.test/first" + "finalizer", new First().GetIdentifierName(new Widget()));
        Assert.Equal("kubeops.test/secondfinalizer", new SecondFinalizer().GetIdentifierName(new Widget()));
    }

    [Fact]
    public void Long_finalizer_identifiers_are_cut_to_63_characters() =>
        Assert.Equal(
            63,
            new AFinalizerWhoseNameIsSoVeryLongThatItHasToBeCutSomewhere().GetIdentifierName(new Widget()).Length
        );

    [Fact]
    public void Owner_references_are_appended_without_controller()
    {
        var owner = new Widget
        {
            Metadata = new V1ObjectMeta { Name = "owner", Uid = "42" },
        };

        var child = new Widget().WithOwnerReference(owner).WithOwnerReference(owner);

        Assert.Equal(2, child.Metadata.OwnerReferences.Count);
        Assert.Equal("kubeops.test/v1", child.Metadata.OwnerReferences[0].ApiVersion);
        Assert.Equal("42", child.Metadata.OwnerReferences[0].Uid);
        Assert.Null(child.Metadata.OwnerReferences[0].Controller);
    }

    private abstract class Finalizer : IEntityFinalizer<Widget>
    {
        public Task<ReconciliationResult<Widget>> FinalizeAsync(Widget entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<Widget>.Success(entity));
    }

    private sealed class First : Finalizer;

    private sealed class SecondFinalizer : Finalizer;

    private sealed class AFinalizerWhoseNameIsSoVeryLongThatItHasToBeCutSomewhere : Finalizer;
}
