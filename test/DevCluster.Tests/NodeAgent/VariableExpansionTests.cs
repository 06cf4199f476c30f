using Granary.DevCluster.Nodes.Launching;

namespace Granary.DevCluster.Tests.NodeAgent;

/// <summary>Kubernetes' own examples.</summary>
public sealed class VariableExpansionTests
{
    private static readonly Dictionary<string, string> Variables = new(StringComparer.Ordinal)
    {
        ["A"] = "1",
        ["B"] = "$(A)",
        ["EMPTY"] = "",
    };

    [Theory]
    [InlineData("$(A)", "1")]
    [InlineData("x$(A)y$(A)", "x1y1")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$(A)", "$1")]
    [InlineData("$(B)", "$(A)")]
    [InlineData("$(NONE)", "$(NONE)")]
    [InlineData("$(EMPTY)!", "!")]
    [InlineData("$A ${A} $(A", "$A ${A} $(A")]
    [InlineData("cost: $", "cost: $")]
    [InlineData("$$$$", "$$")]
    public void References_become_values(string text, string expected) =>
        Assert.Equal(expected, VariableExpansion.Expand(text, Variables));
}
