using System.Text.Json.Nodes;
using Granary.Operator.Cluster;

namespace Granary.Operator.Tests.Cluster;

public sealed class DriftTests
{
    [Theory]
    [InlineData("""{"a":1,"defaulted":true}""", """{"a":1}""", true)]
    [InlineData("""{"a":1}""", """{"a":2}""", false)]
    [InlineData("""{"l":[{"n":"x","d":1}]}""", """{"l":[{"n":"x"}]}""", true)]
    [InlineData("""{"l":[1,2]}""", """{"l":[1]}""", false)]
    [InlineData("""{"cpu":"1"}""", """{"cpu":"1000m"}""", true)] // The API server stores quantities in canonical form.
    [InlineData("""{"cpu":"1"}""", """{"cpu":"2"}""", false)]
    [InlineData("""{"s":"1x"}""", """{"s":"1y"}""", false)]
    [InlineData("""{}""", """{"m":{}}""", true)]
    [InlineData("""{}""", """{"m":{"a":1}}""", false)]
    public void What_was_asked_for_is_contained_in_what_is_stored(string stored, string wanted, bool contained)
    {
        Assert.Equal(contained, Drift.Contains(JsonNode.Parse(stored), JsonNode.Parse(wanted)));
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", null)]
    [InlineData("""{"a":1}""", """{"a":2}""", """{"a":2}""")]
    [InlineData("""{"a":1,"b":{"c":1,"d":2}}""", """{"a":1,"b":{"c":1,"d":3}}""", """{"b":{"d":3}}""")]
    [InlineData("""{"a":1,"b":2}""", """{"a":1}""", """{"b":null}""")]
    [InlineData("""{"l":[1]}""", """{"l":[1,2]}""", """{"l":[1,2]}""")]
    [InlineData("""{"b":{"c":1}}""", """{"b":{"c":1,"n":null}}""", null)]
    [InlineData("""{}""", """{"b":{"c":1}}""", """{"b":{"c":1}}""")]
    public void A_merge_patch_holds_the_difference(string before, string after, string? expected)
    {
        var patch = MergePatch.Between((JsonObject)JsonNode.Parse(before)!, (JsonObject)JsonNode.Parse(after)!);

        Assert.Equal(expected, patch?.ToJsonString());
    }
}
