namespace Granary.Api.Tests.Structure;

/// <summary>What counts as the use of a namespace, with and without a using directive.</summary>
public sealed class NamespaceUseTests
{
    private static readonly SourceFile Shed = SourceFile.Parse(
        "Shed.cs",
        "namespace Farm.Yard;\n\npublic sealed record Shed;\n"
    );

    [Theory]
    [InlineData("namespace Farm.Yard.Tools;\n\ninternal sealed class Rake(Shed shed);\n")]
    [InlineData(
        "namespace Farm.Yard.Tools;\n\ninternal sealed class Rake\n{\n    private object _at = new Shed();\n}\n"
    )]
    [InlineData("using Farm.Yard;\n\nnamespace Farm.Fields;\n\ninternal sealed class Plough;\n")]
    [InlineData("using static Farm.Yard.Shed;\n\nnamespace Farm.Fields;\n\ninternal sealed class Plough;\n")]
    public void A_type_of_another_namespace_that_is_named_or_imported_is_a_use(string text)
    {
        var user = SourceFile.Parse("User.cs", text);

        Assert.Equal([new NamespaceUse(user, "Farm.Yard")], NamespaceUse.Among([Shed, user]));
    }

    [Theory]
    [InlineData("internal sealed class Rake; // Hangs in the Shed.\n")]
    [InlineData("internal sealed class Rake\n{\n    private string _at = \"in the Shed\";\n}\n")]
    [InlineData("internal sealed class Rake(Yard yard)\n{\n    private object _at = yard.Shed;\n}\n")]
    [InlineData("internal sealed class Rake(Shed shed);\n\ninternal sealed class Shed;\n")]
    public void A_comment_a_text_a_member_and_a_type_of_its_own_are_none(string text)
    {
        var user = SourceFile.Parse("User.cs", "namespace Farm.Yard.Tools;\n\n" + text);

        Assert.Empty(NamespaceUse.Among([Shed, user]));
    }
}
