using System.Text;
using System.Text.Json.Nodes;

namespace KubeOps.Tests.Web;

public sealed class WebhookTests(WebhookHost host) : IClassFixture<WebhookHost>
{
    [Fact]
    public async Task A_request_is_admitted_under_its_uid_and_unset_fields_are_null()
    {
        var (status, response) = await host.AskAsync("/validate/widget", Create("green"));

        Assert.Equal(200, status);
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """{"uid":"42","allowed":true,"status":null,"warnings":[],"patch":null,"patchType":null}"""
                ),
                response
            )
        );
    }

    /// <summary>KubeOps denies with 200 in the body, which clients report as success.</summary>
    [Theory]
    [InlineData("red", 422, "no red")]
    [InlineData("black", 403, "no black")]
    [InlineData("blank", 422, "")]
    public async Task A_denial_carries_its_code_and_422_when_it_names_none(string color, int code, string message)
    {
        var (status, response) = await host.AskAsync("/validate/widget", Create(color));

        Assert.Equal(200, status);
        Assert.False((bool?)response!["allowed"]);
        Assert.Equal(code, (int?)response["status"]!["code"]);
        Assert.Equal(message, (string?)response["status"]!["message"]);
    }

    [Fact]
    public async Task A_null_that_the_class_forbids_is_judged_by_the_webhook_and_not_by_mvc()
    {
        var (status, response) = await host.AskAsync(
            "/validate/widget",
            """{"uid":"42","operation":"CREATE","object":{"metadata":{"name":"a"},"spec":{"size":null}}}"""
        );

        Assert.Equal(200, status);
        Assert.True((bool?)response!["allowed"]);
    }

    [Fact]
    public async Task Old_and_new_object_are_handed_to_an_update()
    {
        var (_, same) = await host.AskAsync("/validate/widget", Update("a", "a"));
        var (_, changed) = await host.AskAsync("/validate/widget", Update("a", "b"));

        Assert.True((bool?)same!["allowed"]);
        Assert.Equal("same", (string?)same["warnings"]![0]);
        Assert.False((bool?)changed!["allowed"]);
    }

    [Fact]
    public async Task The_old_object_is_handed_to_a_deletion()
    {
        var (_, response) = await host.AskAsync(
            "/validate/widget",
            $$"""{"uid":"42","operation":"DELETE","object":null,"oldObject":{{Widget("blue")}}}"""
        );

        Assert.Equal("blue stays", (string?)response!["status"]!["message"]);
    }

    [Fact]
    public async Task Dry_runs_are_told() =>
        Assert.Equal(
            "dry run True",
            (string?)
                (
                    await host.AskAsync(
                        "/validate/widget",
                        $$"""{"uid":"42","operation":"CREATE","dryRun":true,"object":{{Widget("dry")}}}"""
                    )
                ).Response!["warnings"]![0]
        );

    [Fact]
    public async Task Other_operations_are_denied_with_422()
    {
        var (_, response) = await host.AskAsync("/validate/widget", """{"uid":"42","operation":"CONNECT"}""");

        Assert.False((bool?)response!["allowed"]);
        Assert.Equal(422, (int?)response["status"]!["code"]);
    }

    [Fact]
    public async Task A_request_without_uid_cannot_be_answered() =>
        Assert.Equal(
            500,
            (await host.AskAsync("/validate/widget", $$"""{"operation":"CREATE","object":{{Widget("a")}}}""")).Status
        );

    [Fact]
    public async Task A_mutation_is_a_patch_against_the_object_as_it_came()
    {
        var (_, response) = await host.AskAsync("/mutate/widget", Create(null));

        Assert.True((bool?)response!["allowed"]);
        Assert.Equal("JSONPatch", (string?)response["patchType"]);
        Assert.Equal("painted", (string?)response["warnings"]![0]);
        var patch = JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String((string)response["patch"]!)));
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse("""[{"op":"add","path":"/spec/color","value":"grey"}]"""), patch),
            patch!.ToJsonString()
        );
    }

    [Fact]
    public async Task No_changes_are_no_patch_and_a_denial_has_none_either()
    {
        var (_, unchanged) = await host.AskAsync("/mutate/widget", Create("green"));
        var (_, denied) = await host.AskAsync("/mutate/widget", Create("red"));

        Assert.Null(unchanged!["patch"]);
        Assert.False((bool?)denied!["allowed"]);
        Assert.Equal(422, (int?)denied["status"]!["code"]);
    }

    private static string Create(string? color) => $$"""{"uid":"42","operation":"CREATE","object":{{Widget(color)}}}""";

    private static string Update(string before, string after) =>
        $$"""{"uid":"42","operation":"UPDATE","object":{{Widget(after)}},"oldObject":{{Widget(before)}}}""";

    private static string Widget(string? color) =>
        """{"apiVersion":"kubeops.test/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"""
        + (color is null ? string.Empty : $"\"color\":\"{color}\"")
        + """},"status":{}}""";
}
