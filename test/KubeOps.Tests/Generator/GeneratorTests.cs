namespace KubeOps.Tests.Generator;

public sealed class GeneratorTests
{
    private const string Entity = """
        namespace Sample.Entities
        {
            [KubernetesEntity(Group = "sample.test", ApiVersion = Versions.Current, Kind = "Thing",
                PluralName = "things")]
            public partial class V1Thing : CustomKubernetesEntity { }
            public static class Versions { public const string Current = "v1beta1"; }
        }
        """;

    private const string Controller = """
        namespace Sample
        {
            public class ThingController : IEntityController<Sample.Entities.V1Thing>
            {
                public Task<ReconciliationResult<Sample.Entities.V1Thing>> ReconcileAsync(Sample.Entities.V1Thing e,
                    CancellationToken c) => throw new NotSupportedException();
                public Task<ReconciliationResult<Sample.Entities.V1Thing>> DeletedAsync(Sample.Entities.V1Thing e,
                    CancellationToken c) => throw new NotSupportedException();
            }
        }
        """;

    private const string Finalizer = """
        namespace Sample
        {
            public class Cleanup : IEntityFinalizer<Sample.Entities.V1Thing>
            {
                public Task<ReconciliationResult<Sample.Entities.V1Thing>> FinalizeAsync(Sample.Entities.V1Thing e,
                    CancellationToken c) => throw new NotSupportedException();
            }
        }
        """;

    [Fact]
    public void A_partial_entity_is_given_a_constructor_in_its_own_namespace()
    {
        var compiled = Compiled.From(Entity);

        var text = compiled.File("V1Thing.init.g.cs");
        Assert.Contains("namespace Sample.Entities;", text, StringComparison.Ordinal);
        Assert.Contains("public V1Thing()", text, StringComparison.Ordinal);
        Assert.Contains("ApiVersion = \"sample.test/v1beta1\"", text, StringComparison.Ordinal);
        Assert.Contains("Kind = \"Thing\"", text, StringComparison.Ordinal);
        Assert.Empty(compiled.Errors());
    }

    [Theory]
    [InlineData("public class Plain : CustomKubernetesEntity { }")]
    [InlineData("public partial class Plain : CustomKubernetesEntity { public Plain() { } }")]
    [InlineData("public partial class Plain(int x) : CustomKubernetesEntity { public int X => x; }")]
    public void An_entity_that_takes_no_constructor_is_given_an_initializer(string declaration)
    {
        var compiled = Compiled.From(
            $$"""
            namespace N { [KubernetesEntity(Group = "g.test")] {{declaration}} }
            """
        );

        Assert.DoesNotContain("Plain.init.g.cs", compiled.Files);
        Assert.Contains(
            "Initialize(this global::N.Plain entity)",
            compiled.File("EntityInitializer.g.cs"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "entity.ApiVersion = \"g.test/v1\"",
            compiled.File("EntityInitializer.g.cs"),
            StringComparison.Ordinal
        );
        Assert.Empty(compiled.Errors());
    }

    [Theory]
    [InlineData("[k8s.Models.KubernetesEntity(Group = \"g\")] public partial class X : CustomKubernetesEntity { }")]
    [InlineData("[KubernetesEntityAttribute(Group = \"g\")] public partial class X : CustomKubernetesEntity { }")]
    [InlineData("public class Outer { [KubernetesEntity(Group = \"g\")] public class X : CustomKubernetesEntity { } }")]
    public void Other_spellings_and_nested_classes_are_left_alone(string source) =>
        Assert.DoesNotContain("EntityDefinitions.g.cs", Compiled.From(source).Files);

    [Fact]
    public void Definitions_tell_the_identity()
    {
        var text = Compiled.From(Entity).File("EntityDefinitions.g.cs");

        Assert.Contains(
            "V1Thing = new(\"Thing\", \"v1beta1\", \"sample.test\", \"things\")",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("public static class EntityDefinitions", text, StringComparison.Ordinal);
        Assert.DoesNotContain("namespace", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_classes_of_one_name_get_two_files_and_two_definitions()
    {
        var compiled = Compiled.From(
            """
            namespace A { [KubernetesEntity(Group = "a",
                ApiVersion = "v1")] public partial class T : CustomKubernetesEntity { } }
            namespace B { [KubernetesEntity(Group = "a",
                ApiVersion = "v2")] public partial class T : CustomKubernetesEntity { } }
            """
        );

        Assert.Contains("T.init.g.cs", compiled.Files);
        Assert.Contains("B.T.init.g.cs", compiled.Files);
        Assert.Empty(compiled.Errors());
    }

    [Fact]
    public void Controllers_and_finalizers_are_registered()
    {
        var compiled = Compiled.From(Entity + Controller + Finalizer);

        Assert.Contains(
            "builder.AddController<global::Sample.ThingController, global::Sample.Entities.V1Thing>();",
            compiled.File("ControllerRegistrations.g.cs"),
            StringComparison.Ordinal
        );
        var finalizers = compiled.File("FinalizerRegistrations.g.cs");
        Assert.Contains(
            "public const string CleanupIdentifier = \"sample.test/cleanupfinalizer\";",
            finalizers,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "builder.AddFinalizer<global::Sample.Cleanup, global::Sample.Entities.V1Thing>(CleanupIdentifier);",
            finalizers,
            StringComparison.Ordinal
        );
        var components = compiled.File("OperatorBuilder.g.cs");
        Assert.Contains(
            "KubeOpsGeneratedRegistrations(\"ControllerRegistrations\", \"FinalizerRegistrations\")",
            components,
            StringComparison.Ordinal
        );
        Assert.Empty(compiled.Errors());
    }

    [Fact]
    public void Abstract_controllers_are_skipped_and_those_that_inherit_the_interface_are_not()
    {
        var compiled = Compiled.From(
            Entity
                + """
                public abstract class Base : IEntityController<Sample.Entities.V1Thing>
                {
                    public Task<ReconciliationResult<Sample.Entities.V1Thing>> ReconcileAsync(
                        Sample.Entities.V1Thing e, CancellationToken c) =>
                        throw new NotSupportedException();
                    public Task<ReconciliationResult<Sample.Entities.V1Thing>> DeletedAsync(Sample.Entities.V1Thing e,
                        CancellationToken c) => throw new NotSupportedException();
                }
                public partial class Derived : Base { }
                public partial class Derived { }
                """
        );

        var text = compiled.File("ControllerRegistrations.g.cs");
        Assert.DoesNotContain("global::Base", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("global::Derived").Length);
    }

    [Fact]
    public void Controllers_of_built_in_resources_are_registered()
    {
        var compiled = Compiled.From(
            """
            public class JobController : IEntityController<V1Job>
            {
                public Task<ReconciliationResult<V1Job>> ReconcileAsync(V1Job e, CancellationToken c)
                    => throw new NotSupportedException();
                public Task<ReconciliationResult<V1Job>> DeletedAsync(V1Job e, CancellationToken c)
                    => throw new NotSupportedException();
            }
            """
        );

        Assert.Contains(
            "AddController<global::JobController, global::k8s.Models.V1Job>",
            compiled.File("ControllerRegistrations.g.cs"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "entity.ApiVersion = \"batch/v1\"",
            compiled.File("EntityInitializer.g.cs"),
            StringComparison.Ordinal
        );
        Assert.Empty(compiled.Errors());
    }

    [Theory]
    [InlineData(
        "[LabelSelector(typeof(Sel))]",
        "AddControllerWithLabelSelector<global::Sample.ThingController, global::Sample.Entities.V1Thing, global::Sel>"
    )]
    [InlineData(
        "[FieldSelector(typeof(FSel))]",
        "AddControllerWithFieldSelector<global::Sample.ThingController, global::Sample.Entities.V1Thing, global::FSel>"
    )]
    public void Selectors_of_controllers_are_registered(string attribute, string call)
    {
        var compiled = Compiled.From(
            Entity
                + Controller.Replace("public class", attribute + " public class", StringComparison.Ordinal)
                + Selectors
        );

        Assert.Contains(call, compiled.File("ControllerRegistrations.g.cs"), StringComparison.Ordinal);
        Assert.Empty(compiled.Errors());
    }

    [Fact]
    public void Two_selectors_on_one_controller_are_an_error()
    {
        var source =
            Entity
            + Selectors
            + Controller.Replace(
                "public class",
                "[LabelSelector(typeof(Sel)), FieldSelector(typeof(FSel))] public class",
                StringComparison.Ordinal
            );

        Assert.Contains(Compiled.From(source).Reported, d => d.Id == "KOG001");
    }

    [Fact]
    public void Entities_of_a_referenced_assembly_are_known_to_controllers_here()
    {
        var api = Compiled.From(Entity, assembly: "Api");
        var program = Compiled.From(Controller, assembly: "Program", references: api);

        Assert.Contains(
            "global::Sample.Entities.V1Thing",
            program.File("ControllerRegistrations.g.cs"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Initialize(this global::Sample.Entities.V1Thing entity)",
            program.File("EntityInitializer.g.cs"),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("EntityDefinitions.g.cs", program.Files);
        Assert.Contains(
            "ControllerRegistrations.RegisterControllers(builder)",
            program.File("OperatorBuilder.g.cs"),
            StringComparison.Ordinal
        );
        Assert.Empty(program.Errors());
    }

    [Fact]
    public void Registrations_of_a_referenced_assembly_are_called()
    {
        var library = Compiled.From(Entity + Controller, targetNamespace: "Library.Generated", assembly: "Library");
        var program = Compiled.From(Finalizer, assembly: "Program", references: library);

        var text = program.File("OperatorBuilder.g.cs");
        Assert.Contains(
            "global::Library.Generated.ControllerRegistrations.RegisterControllers(builder);",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("global::FinalizerRegistrations.RegisterFinalizers(builder);", text, StringComparison.Ordinal);
        Assert.Empty(program.Errors());
    }

    [Fact]
    public void A_clash_of_registration_classes_is_a_warning()
    {
        var library = Compiled.From(Entity + Controller, assembly: "Library");
        var program = Compiled.From(
            Controller.Replace("ThingController", "Other", StringComparison.Ordinal),
            assembly: "Program",
            references: library
        );

        Assert.Contains(program.Reported, d => d.Id == "KOG002");
    }

    private const string Selectors = """
        public class Sel : IEntityLabelSelector<Sample.Entities.V1Thing>
        {
            public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => default;
        }
        public class FSel : IEntityFieldSelector<Sample.Entities.V1Thing>
        {
            public ValueTask<string?> GetFieldSelectorAsync(CancellationToken cancellationToken) => default;
        }
        """;
}
