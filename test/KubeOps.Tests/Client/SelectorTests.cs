using KubeOps.KubernetesClient.Selectors;

namespace KubeOps.Tests.Client;

public sealed class SelectorTests
{
    [Fact]
    public void Selectors_speak_the_servers_language()
    {
        Assert.Equal("a in (b,c)", new EqualsLabelSelector("a", "b", "c"));
        Assert.Equal("a notin (b,c)", new NotEqualsLabelSelector("a", "b", "c"));
        Assert.Equal("a", new ExistsLabelSelector("a"));
        Assert.Equal("!a", new NotExistsLabelSelector("a"));
        Assert.Equal("f=v", new EqualsFieldSelector("f", "v"));
        Assert.Equal("f!=v", new NotEqualsFieldSelector("f", "v"));
    }

    [Fact]
    public void Several_are_joined_by_commas() =>
        Assert.Equal(
            "a,!b",
            new LabelSelector[] { new ExistsLabelSelector("a"), new NotExistsLabelSelector("b") }.ToExpression()
        );
}
