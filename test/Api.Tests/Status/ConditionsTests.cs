using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Status;

namespace Granary.Api.Tests.Status;

public sealed class ConditionsTests
{
    private static readonly DateTimeOffset Earlier = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = Earlier.AddHours(1);

    [Fact]
    public void A_new_condition_is_added_with_its_time()
    {
        List<Condition> conditions = [];

        var changed = conditions.Set(
            ConditionTypes.RepositoryFound,
            true,
            ConditionReasons.RepositoryAvailable,
            "found",
            Earlier
        );

        Assert.True(changed);
        var condition = Assert.Single(conditions);
        Assert.Equal("True", condition.Status);
        Assert.Equal(Earlier, condition.LastTransitionTime);
        Assert.True(conditions.IsTrue(ConditionTypes.RepositoryFound));
    }

    [Fact]
    public void The_same_condition_again_changes_nothing()
    {
        List<Condition> conditions = [];
        conditions.Set(ConditionTypes.Ready, true, "Ready", "ok", Earlier, generation: 2);

        var changed = conditions.Set(ConditionTypes.Ready, true, "Ready", "ok", Later, generation: 2);

        Assert.False(changed);
        Assert.Equal(Earlier, Assert.Single(conditions).LastTransitionTime);
    }

    [Theory]
    [InlineData(false, "Ready", "ok", 2)]
    [InlineData(null, "Ready", "ok", 2)]
    [InlineData(true, "Other", "ok", 2)]
    [InlineData(true, "Ready", "other", 2)]
    [InlineData(true, "Ready", "ok", 3)]
    public void Any_difference_replaces_the_condition_in_its_place(
        bool? status,
        string reason,
        string message,
        long generation
    )
    {
        List<Condition> conditions = [];
        conditions.Set(ConditionTypes.Ready, true, "Ready", "ok", Earlier, generation: 2);
        conditions.Set(ConditionTypes.CronJobCreated, true, "Created", null, Earlier);

        var changed = conditions.Set(ConditionTypes.Ready, status, reason, message, Later, generation);

        Assert.True(changed);
        Assert.Equal(
            [ConditionTypes.Ready, ConditionTypes.CronJobCreated],
            conditions.Select(condition => condition.Type)
        );
        Assert.Equal(Later, conditions[0].LastTransitionTime);
    }

    [Fact]
    public void A_removed_condition_is_gone()
    {
        List<Condition> conditions = [];
        conditions.Set(ConditionTypes.Ready, null, "Ready", "ok", Earlier);

        Assert.True(conditions.IsUnknown(ConditionTypes.Ready));
        Assert.True(conditions.Remove(ConditionTypes.Ready));
        Assert.False(conditions.Remove(ConditionTypes.Ready));
        Assert.False(conditions.Has(ConditionTypes.Ready));
    }
}
