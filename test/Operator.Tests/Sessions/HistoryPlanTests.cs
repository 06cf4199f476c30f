using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Sessions;
using Granary.Operator.Tests.Support;

namespace Granary.Operator.Tests.Sessions;

public sealed class HistoryPlanTests
{
    // Phases newest first (S succeeded, F failed, K skipped, R running, * the one that ends now); limit; which are
    // deleted, by place.
    [Theory]
    [InlineData("*SSS", 1, "1,2,3")]
    [InlineData("*SSS", 2, "2,3")]
    [InlineData("*S", 5, "")]
    [InlineData("*SF", 0, "1,2")]
    [InlineData("*RS", 1, "2")] // What runs is not history.
    [InlineData("kKKS", 2, "2")] // The last result outlives the skipped ones; k is a skipped one that ends now.
    [InlineData("kKFS", 2, "3")]
    [InlineData("kS", 0, "1")]
    public void Superfluous_sessions(string phases, int limit, string expected)
    {
        var sessions = phases
            .Select(
                (phase, index) =>
                {
                    var session = Make.Session($"s-{index}");
                    session.Metadata.CreationTimestamp = Make.Noon.AddMinutes(-index).UtcDateTime;
                    session.Status.Phase = phase switch
                    {
                        'S' => "Succeeded",
                        'F' => "Failed",
                        'K' or 'k' => "Skipped",
                        _ => "Running",
                    };
                    return session;
                }
            )
            .ToList();
        var ending = sessions[phases.IndexOfAny(['*', 'k'])];

        var deleted = HistoryPlan.Superfluous(sessions.AsEnumerable().Reverse(), limit, ending);

        Assert.Equal(expected, string.Join(',', deleted.Select(session => sessions.IndexOf(session))));
    }

    [Fact]
    public void What_is_being_deleted_already_is_left_alone()
    {
        var (ending, old) = (Make.Session("new"), Make.Session("old"));
        old.Status.Phase = "Succeeded";
        old.Metadata.DeletionTimestamp = Make.Noon.UtcDateTime;

        Assert.Empty(HistoryPlan.Superfluous([ending, old], 0, ending));
    }
}
