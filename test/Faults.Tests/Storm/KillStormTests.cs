using Granary.TestSupport;

namespace Granary.Faults.Tests.Storm;

/// <summary>
/// Processes are killed at random moments while they share a repository. The short and the long form.
/// </summary>
public sealed class KillStormTests(Ledger ledger)
{
    [Fact]
    public Task Nothing_is_lost_when_processes_are_killed() => StormAsync(kills: 10, proveEvery: 5);

    [Fact]
    [Trait("Category", "Slow")]
    public Task Nothing_is_lost_when_two_hundred_processes_are_killed() => StormAsync(kills: 200, proveEvery: 1);

    private async Task StormAsync(int kills, int proveEvery)
    {
        var seed = Environment.GetEnvironmentVariable("GRANARY_SEED") is { Length: > 0 } given
            ? int.Parse(given)
            : Random.Shared.Next();
        using var folder = new TempDirectory();
        await using var place = Stores.Folder(folder["storm"]);
        await new KillStorm(place, StormProgram.Worker(folder["worker"]), seed).RunAsync(kills, proveEvery, ledger);
    }
}
