using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;

namespace Granary.Metrics.Tests;

public sealed class MetricLabelsTests
{
    private static readonly TargetRef Target = new() { Kind = "AppBinding", Name = "db" };

    private static readonly MetricLabels Labels = new(
        "BackupConfiguration",
        "nightly",
        "demo",
        "Restic",
        "repo",
        MetricLabels.ParseExtra(["env=test, team=a=b,nonsense", "name=mine"])
    );

    [Theory]
    [InlineData("kubedb.com/postgres", "kubedb.com", "postgres")]
    [InlineData("postgres", "", "postgres")]
    [InlineData("", "appcatalog.appscode.com", "appbindings")]
    public void Group_and_kind_are_the_applications(string type, string group, string kind)
    {
        var binding = new AppBinding { Spec = new AppBindingSpec { Type = type } };

        var labels = Labels.OfHost(Target, binding, "h");

        Assert.Equal((group, kind, "db"), (labels["group"], labels["kind"], labels["name"]));
    }

    [Fact]
    public void A_target_that_is_gone_has_neither_kind_nor_group()
    {
        var labels = Labels.OfHost(Target, null, "h");

        Assert.DoesNotContain("kind", labels.Keys);
        Assert.DoesNotContain("group", labels.Keys);
    }

    [Fact]
    public void The_administrators_labels_replace_none_of_ours()
    {
        Assert.Equal("mine", Labels.Base()["name"]);
        Assert.Equal("db", Labels.OfTarget(Target, null)["name"]);
        Assert.Equal(("test", "a=b"), (Labels.Base()["env"], Labels.Base()["team"]));
    }

    [Fact]
    public void A_repository_has_its_own_namespace_and_place()
    {
        var labels = Labels.OfRepository("storage", new BackendLocation("s3", "bucket", "prefix"));

        Assert.Equal(
            ("repo", "storage", "s3", "bucket", "prefix"),
            (labels["name"], labels["namespace"], labels["backend"], labels["bucket"], labels["prefix"])
        );
        Assert.Equal("backupconfiguration-demo-nightly", Labels.Group.Job);
    }
}
