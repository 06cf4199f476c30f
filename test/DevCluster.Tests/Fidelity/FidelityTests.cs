namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>
/// DevCluster answers what a real control plane answered, except where <c>docs/devcluster-differences.md</c> says why
/// not.
/// </summary>
public sealed class FidelityTests(Replay replay) : IClassFixture<Replay>
{
    public static TheoryData<string> Recordings => [.. Replay.Recordings];

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Answers_are_the_recorded_ones_or_listed_as_different(string recording)
    {
        var known = KnownDifferences.Load();

        var unlisted = replay
            .Differences.Where(d => d.Recording == recording && !known.Any(k => k.Covers(d)))
            .Select(d => d.ToString())
            .ToArray();

        Assert.True(unlisted.Length == 0, $"{unlisted.Length} unlisted differences:\n{string.Join('\n', unlisted)}");
    }

    [Fact]
    public void Every_listed_difference_still_exists()
    {
        var stale = KnownDifferences.Load().Where(k => !replay.Differences.Any(k.Covers)).Select(k => k.ToString());

        Assert.Empty(stale);
    }
}
