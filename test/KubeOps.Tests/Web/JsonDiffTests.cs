using System.Text.Json.Nodes;
using KubeOps.Operator.Web.Webhooks.Admission.Mutation;

namespace KubeOps.Tests.Web;

public sealed class JsonDiffTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", "[]")]
    [InlineData("""{"a":1}""", """{"a":2}""", """[{"op":"replace","path":"/a","value":2}]""")]
    [InlineData(
        """{"a":1}""",
        """{"b":null}""",
        """[{"op":"remove","path":"/a"},{"op":"add","path":"/b","value":null}]"""
    )]
    [InlineData("""{"a/b~c":1}""", "{}", """[{"op":"remove","path":"/a~1b~0c"}]""")]
    [InlineData(
        """{"a":{"b":[1,{"c":2}]}}""",
        """{"a":{"b":[1,{"c":3}]}}""",
        """[{"op":"replace","path":"/a/b/1/c","value":3}]"""
    )]
    [InlineData("[1,2,3]", "[1]", """[{"op":"remove","path":"/2"},{"op":"remove","path":"/1"}]""")]
    [InlineData("[1]", "[1,2,3]", """[{"op":"add","path":"/-","value":2},{"op":"add","path":"/-","value":3}]""")]
    [InlineData("""{"a":{}}""", """{"a":[]}""", """[{"op":"replace","path":"/a","value":[]}]""")]
    public void Operations_turn_one_document_into_the_other(string before, string after, string patch)
    {
        var actual = JsonDiff.Between(before, after);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(patch), actual), actual.ToJsonString());
    }
}
