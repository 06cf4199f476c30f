using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Tests.Cluster;
using KubeOps.Transpiler;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Tests.Transpiler;

public sealed class DefinitionTests
{
    [Fact]
    public void The_skeleton_follows_the_class()
    {
        var definition = Transpiled.Definition(typeof(Shown));

        Assert.Equal("showns.kubeops.test", definition.Metadata.Name);
        Assert.Equal("apiextensions.k8s.io/v1", definition.ApiVersion);
        Assert.Equal("Cluster", definition.Spec.Scope);
        Assert.Equal(
            ("Shown", "ShownList", "shown", "showns"),
            (
                definition.Spec.Names.Kind,
                definition.Spec.Names.ListKind,
                definition.Spec.Names.Singular,
                definition.Spec.Names.Plural
            )
        );
        Assert.Equal(["sh"], definition.Spec.Names.ShortNames);
        var version = Assert.Single(definition.Spec.Versions);
        Assert.True(version is { Served: true, Storage: true, Name: "v1" });
        Assert.NotNull(version.Subresources.Status);
        Assert.Equal(".spec.n", version.Subresources.Scale.SpecReplicasPath);
    }

    [Fact]
    public void Without_a_status_there_is_no_subresource()
    {
        var definition = Transpiled.Definition(typeof(With<TypeMappingTests.Inner>));

        Assert.Null(definition.Spec.Versions[0].Subresources);
        Assert.Equal("Namespaced", definition.Spec.Scope);
    }

    [Fact]
    public void Columns_come_breadth_first_and_then_from_the_class_and_its_bases()
    {
        var columns = Transpiled.Definition(typeof(Shown)).Spec.Versions[0].AdditionalPrinterColumns;

        Assert.Equal(
            [
                (".spec.n", "n", "integer", "int32", 0),
                (".status.phase", "Phase", "string", null, 1),
                (".spec.deep.name", "name", "string", null, 0),
                (".metadata.creationTimestamp", "Age", "date", null, 0),
                (".own", "Own", "string", null, 0),
                (".base", "Base", "string", null, 1),
            ],
            columns.Select(c => (c.JsonPath, c.Name, c.Type, (string?)c.Format, c.Priority!.Value))
        );
        Assert.Equal("deep", columns[2].Description);
    }

    [Theory]
    [InlineData(typeof(GuidColumn))]
    [InlineData(typeof(DecimalColumn))]
    [InlineData(typeof(ListColumn))]
    public void Columns_that_the_api_server_cannot_show_are_refused(Type spec) =>
        Assert.Throws<TranspilationFailedException>(() => Transpiled.Definition(typeof(With<>).MakeGenericType(spec)));

    [Theory]
    [InlineData(typeof(BlankName))]
    [InlineData(typeof(StrangeType))]
    [InlineData(typeof(StrangeFormat))]
    public void Generic_columns_are_checked_too(Type entity) =>
        Assert.Throws<TranspilationFailedException>(() => Transpiled.Definition(entity));

    [Fact]
    public void Versions_of_one_resource_are_merged_newest_first()
    {
        var definition = Assert.Single(Transpiled.Definitions(typeof(MultiAlpha), typeof(MultiV1), typeof(MultiBeta)));

        Assert.Equal(["v1", "v1beta1", "v1alpha1"], definition.Spec.Versions.Select(v => v.Name));
        Assert.Equal([false, true, false], definition.Spec.Versions.Select(v => v.Storage));
    }

    [Fact]
    public void Without_a_marked_version_the_newest_is_stored() =>
        Assert.Equal(
            [true, false],
            Assert
                .Single(Transpiled.Definitions(typeof(MultiAlpha), typeof(MultiV1)))
                .Spec.Versions.Select(v => v.Storage)
        );

    [Fact]
    public void Two_storage_versions_are_refused() =>
        Assert.Throws<TranspilationFailedException>(() =>
            Transpiled.Definitions(typeof(MultiBeta), typeof(MultiStoredToo))
        );

    [Fact]
    public void Resources_of_kubernetes_and_ignored_classes_make_no_definition() =>
        Assert.Equal(
            "widgets.kubeops.test",
            Assert.Single(Transpiled.Definitions(typeof(V1Pod), typeof(IgnoredEntity), typeof(Widget))).Metadata.Name
        );

    [Fact]
    public void A_class_without_the_attribute_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Entities.ToEntityMetadata<Derived>());
        Assert.Throws<TranspilationFailedException>(() => Transpiled.Definition(typeof(Derived)));
    }

    /// <summary>As the manifest tool does: assemblies by path, nothing loaded into this program.</summary>
    [Fact]
    public void Assemblies_are_read_by_path()
    {
        using var context = ContextCreator.Create([typeof(Widget).Assembly.Location]);
        var type = context
            .LoadFromAssemblyPath(typeof(Widget).Assembly.Location)
            .GetType(typeof(Widget).FullName!, throwOnError: true)!;

        var definition = Assert.Single(context.Transpile([type]));

        Assert.Equal("widgets.kubeops.test", definition.Metadata.Name);
    }

    [KubernetesEntity(Group = "kubeops.test", ApiVersion = "v1", Kind = "Shown")]
    [EntityScope(EntityScope.Cluster), KubernetesEntityShortNames("sh"), ScaleSubresource(".spec.n", ".status.n")]
    [GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date"), OwnColumn]
    public class Shown : ShownBase
    {
        public ShownSpec Spec { get; set; } = new();

        public ShownStatus Status { get; set; } = new();
    }

    [GenericAdditionalPrinterColumn(".base", "Base", "string", Priority = PrinterColumnPriority.WideView)]
    public abstract class ShownBase : CustomKubernetesEntity;

    public sealed class OwnColumnAttribute() : GenericAdditionalPrinterColumnAttribute(".own", "Own", "string");

    public class ShownSpec
    {
        public Deep Deep { get; set; } = new();

        [AdditionalPrinterColumn]
        public int N { get; set; }
    }

    public class Deep
    {
        [AdditionalPrinterColumn, Description("deep")]
        public string Name { get; set; } = string.Empty;
    }

    public class ShownStatus
    {
        [AdditionalPrinterColumn(PrinterColumnPriority.WideView, "Phase")]
        public string? Phase { get; set; }
    }

    public class GuidColumn
    {
        [AdditionalPrinterColumn]
        public Guid A { get; set; }
    }

    public class DecimalColumn
    {
        [AdditionalPrinterColumn]
        public decimal A { get; set; }
    }

    public class ListColumn
    {
        [AdditionalPrinterColumn]
        public List<string> A { get; set; } = [];
    }

    [KubernetesEntity(Group = "kubeops.test"), GenericAdditionalPrinterColumn(".a", " ", "string")]
    public class BlankName : CustomKubernetesEntity;

    [KubernetesEntity(Group = "kubeops.test"), GenericAdditionalPrinterColumn(".a", "A", "array")]
    public class StrangeType : CustomKubernetesEntity;

    [KubernetesEntity(Group = "kubeops.test"), GenericAdditionalPrinterColumn(".a", "A", "string", Format = "uuid")]
    public class StrangeFormat : CustomKubernetesEntity;

    [KubernetesEntity(Group = "kubeops.test", ApiVersion = "v1", Kind = "Multi")]
    public class MultiV1 : CustomKubernetesEntity;

    [KubernetesEntity(Group = "kubeops.test", ApiVersion = "v1beta1", Kind = "Multi"), StorageVersion]
    public class MultiBeta : CustomKubernetesEntity;

    [KubernetesEntity(Group = "kubeops.test", ApiVersion = "v1alpha1", Kind = "Multi")]
    public class MultiAlpha : CustomKubernetesEntity;

    [KubernetesEntity(Group = "kubeops.test", ApiVersion = "v2", Kind = "Multi"), StorageVersion]
    public class MultiStoredToo : CustomKubernetesEntity;

    [KubernetesEntity(Group = "kubeops.test", Kind = "Ignored"), Ignore]
    public class IgnoredEntity : CustomKubernetesEntity;

    public class Derived : Widget;
}
