using Granary.Operator.Tasks;

namespace Granary.Operator.Tests.Tasks;

public sealed class TemplateTests
{
    private static readonly Dictionary<string, string> Variables = new()
    {
        ["NAME"] = "sample",
        ["EMPTY"] = "",
        ["PATH"] = "/data/db/dump.sql.gz",
        ["Mixed"] = "heLLo",
        ["QUOTED"] = "a \"b\"\nc",
    };

    // One line for each form of §3.1: the expression, and what becomes of it.
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("${NAME}", "sample")]
    [InlineData("x-${NAME}-y-${NAME}", "x-sample-y-sample")]
    // An absent variable takes the default, whichever way it is written.
    [InlineData("${none:=fallback}", "fallback")]
    [InlineData("${none=fallback}", "fallback")]
    [InlineData("${none:-fallback}", "fallback")]
    [InlineData("${none-fallback}", "fallback")]
    [InlineData("${none:=}", "")]
    // A present variable wins over the default, even when it is empty.
    [InlineData("${NAME:=fallback}", "sample")]
    [InlineData("${EMPTY:=fallback}", "")]
    [InlineData("${EMPTY:-fallback}", "")]
    [InlineData("${EMPTY}", "")]
    // A default may hold expressions.
    [InlineData("${none:=${NAME}/x}", "sample/x")]
    [InlineData("${none:=${other:=deep}}", "deep")]
    [InlineData("${none:=a:=b}", "a:=b")]
    // Length, case, slices.
    [InlineData("${#NAME}", "6")]
    [InlineData("${Mixed^}", "HeLLo")]
    [InlineData("${Mixed^^}", "HELLO")]
    [InlineData("${NAME,}", "sample")]
    [InlineData("${Mixed,,}", "hello")]
    [InlineData("${EMPTY^}", "")]
    [InlineData("${NAME:2}", "mple")]
    [InlineData("${NAME:2:3}", "mpl")]
    [InlineData("${NAME: -2}", "le")]
    [InlineData("${NAME:9}", "")]
    [InlineData("${NAME:0:99}", "sample")]
    // Prefixes and suffixes, shortest and longest.
    [InlineData("${PATH#*/}", "data/db/dump.sql.gz")]
    [InlineData("${PATH##*/}", "dump.sql.gz")]
    [InlineData("${PATH%.*}", "/data/db/dump.sql")]
    [InlineData("${PATH%%.*}", "/data/db/dump")]
    [InlineData("${PATH#nothing}", "/data/db/dump.sql.gz")]
    [InlineData("${NAME#s?m}", "ple")]
    [InlineData("${NAME#[a-z]}", "ample")]
    [InlineData("${NAME#[!a-z]}", "sample")]
    // Replacement, first and all.
    [InlineData("${PATH/d/D}", "/Data/db/dump.sql.gz")]
    [InlineData("${PATH//d/D}", "/Data/Db/Dump.sql.gz")]
    [InlineData("${NAME/p}", "samle")]
    // Dollars that are not ours.
    [InlineData("$$", "$")]
    [InlineData("$${NAME}", "${NAME}")]
    [InlineData("$NAME $(POD_NAME)", "$NAME $(POD_NAME)")]
    [InlineData("100$", "100$")]
    public void An_expression_becomes(string text, string expected)
    {
        var problems = new List<string>();

        var expanded = new Template(Variables, problems.Add).Expand(text);

        Assert.Equal(expected, expanded);
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("${none}", "${none} has no value")]
    [InlineData("${none^^}", "${none} has no value")]
    [InlineData("${#none}", "${none} has no value")]
    [InlineData("${name}", "${name} has no value")] // Names are case-sensitive.
    [InlineData("${none:=${other}}", "${other} has no value")]
    [InlineData("${NAME", "no closing brace")]
    [InlineData("${}", "not an expression")]
    [InlineData("${NAME?}", "not an expression")]
    [InlineData("${NAME:x}", "not an expression")]
    public void A_problem_is_reported(string text, string expected)
    {
        var problems = new List<string>();

        new Template(Variables, problems.Add).Expand(text);

        Assert.Contains(problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_with_quotes_and_newlines_stays_one_value()
    {
        Assert.Equal("a \"b\"\nc", new Template(Variables, _ => { }).Expand("${QUOTED}"));
    }

    [Fact]
    public void Values_are_not_expanded_again()
    {
        var variables = new Dictionary<string, string> { ["A"] = "${B}", ["B"] = "secret" };

        Assert.Equal("${B}", new Template(variables, _ => { }).Expand("${A}"));
    }
}
