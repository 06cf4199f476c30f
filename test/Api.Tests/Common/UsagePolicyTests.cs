using Granary.Api.Common;

namespace Granary.Api.Tests.Common;

public sealed class UsagePolicyTests
{
    private static readonly Dictionary<string, string> DemoLabels = new()
    {
        ["kubernetes.io/metadata.name"] = "demo",
        ["env"] = "prod",
    };

    [Theory]
    [InlineData("storage", true)]
    [InlineData("demo", false)]
    public void Without_a_policy_only_the_own_namespace_may_refer(string referring, bool expected) =>
        Assert.Equal(expected, UsagePolicy.Allows(null, "storage", referring, DemoLabels));

    [Theory]
    [InlineData("All", "demo", true)]
    [InlineData("Same", "demo", false)]
    [InlineData("Same", "storage", true)]
    [InlineData(null, "storage", false)] // the API server would have filled in the default
    public void The_origin_decides(string? from, string referring, bool expected) =>
        Assert.Equal(
            expected,
            UsagePolicy.Allows(new() { AllowedNamespaces = new() { From = from } }, "storage", referring, DemoLabels)
        );

    [Fact]
    public void A_policy_without_namespaces_allows_nobody() =>
        Assert.False(UsagePolicy.Allows(new(), "storage", "storage", DemoLabels));

    [Fact]
    public void A_selector_is_matched_against_the_referring_namespace()
    {
        UsagePolicy Policy(params (string Key, string Operator, string[] Values)[] requirements) =>
            new()
            {
                AllowedNamespaces = new()
                {
                    From = "Selector",
                    Selector = new()
                    {
                        MatchLabels = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = "demo" },
                        MatchExpressions =
                        [
                            .. requirements.Select(requirement => new k8s.Models.V1LabelSelectorRequirement
                            {
                                Key = requirement.Key,
                                OperatorProperty = requirement.Operator,
                                Values = requirement.Values,
                            }),
                        ],
                    },
                },
            };

        Assert.True(UsagePolicy.Allows(Policy(), "storage", "demo", DemoLabels));
        Assert.True(
            UsagePolicy.Allows(
                Policy(("env", "In", ["prod"]), ("old", "DoesNotExist", [])),
                "storage",
                "demo",
                DemoLabels
            )
        );
        Assert.False(UsagePolicy.Allows(Policy(("env", "NotIn", ["prod"])), "storage", "demo", DemoLabels));
        Assert.False(UsagePolicy.Allows(Policy(("old", "Exists", [])), "storage", "demo", DemoLabels));
        Assert.False(UsagePolicy.Allows(Policy(), "storage", "demo", null));
    }
}
