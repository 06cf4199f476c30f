using Granary.Engine.Checking;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Retention;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Maintenance;

/// <summary>
/// Maintenance may be interrupted at any operation on the store: every listed snapshot restores, and the next run
/// succeeds.
/// </summary>
public sealed class FaultLoopTests(ITestOutputHelper output)
{
    private const int Endless = 400;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Fault.Error)]
    [InlineData(Fault.TimeOut)]
    [InlineData(Fault.ShortRead)]
    [InlineData(Fault.Late)]
    public async Task Forget_loses_nothing_whatever_operation_fails(Fault fault)
    {
        var sound = await Bench.WithThreeBackupsAsync();
        var faults = await LoopAsync(
            sound,
            fault,
            async open =>
            {
                var result = await Bench.ForgetAsync(open, keepLast: 1);
                return result.Failed.Count == 0;
            },
            snapshotsAtTheEnd: 1
        );
        Report("forget", fault, faults);
    }

    [Theory]
    [InlineData(Fault.Error)]
    [InlineData(Fault.TimeOut)]
    [InlineData(Fault.ShortRead)]
    [InlineData(Fault.Late)]
    public async Task Prune_loses_nothing_whatever_operation_fails(Fault fault)
    {
        var sound = await Bench.WithThreeBackupsAsync();
        await Bench.ForgetAsync(await sound.OpenAsync(), keepLast: 2);
        var faults = await LoopAsync(
            sound,
            fault,
            async open =>
            {
                var result = await Bench.PruneAsync(open);
                return result.Failed.Count == 0;
            },
            snapshotsAtTheEnd: 2
        );
        Report("prune", fault, faults);
    }

    [Theory]
    [InlineData(Fault.Error)]
    [InlineData(Fault.TimeOut)]
    [InlineData(Fault.ShortRead)]
    [InlineData(Fault.Late)]
    public async Task Check_changes_nothing_and_reports_no_damage_whatever_operation_fails(Fault fault)
    {
        var sound = await Bench.WithThreeBackupsAsync();
        var faults = await LoopAsync(
            sound,
            fault,
            async open =>
            {
                var report = await Bench.CheckAsync(open);
                Assert.True(report.IsSound, string.Join("; ", report.Errors));
                return true;
            },
            snapshotsAtTheEnd: 3
        );
        Report("check", fault, faults);
    }

    /// <summary>
    /// Fails the n-th operation for n = 1, 2, 3 … until a run meets no fault, and returns how many faults were
    /// injected.
    /// </summary>
    private static async Task<int> LoopAsync(
        Bench sound,
        Fault fault,
        Func<OpenRepository, Task<bool>> run,
        int snapshotsAtTheEnd
    )
    {
        for (var number = 1; number < Endless; number++)
        {
            var bench = sound.Copy();
            var faulty = new FaultyBackend(bench.Backend);
            var open = await bench.OpenAsync(faulty);
            var before = faulty.Log.Count;
            faulty.FailOperation(number, fault);
            var failure = await Record.ExceptionAsync(() => run(open));

            Assert.True(failure is null or StorageException or RepositoryException, failure?.ToString());
            Assert.Equal(0, open.Buffers.Rented);
            Assert.True(await bench.EverySnapshotRestoresAsync() >= snapshotsAtTheEnd);
            await (await bench.OpenAsync()).UnlockAllAsync(Cancellation);
            Assert.True(await run(await bench.OpenAsync()), $"the run after fault {number} was not complete");
            Assert.Equal(snapshotsAtTheEnd, await bench.EverySnapshotRestoresAsync());
            var report = await Bench.CheckAsync(await bench.OpenAsync());
            Assert.True(report.IsSound, string.Join("; ", report.Errors));
            if (faulty.Log.Count - before < number)
            {
                return number - 1;
            }
        }

        throw new InvalidOperationException("The runs never end.");
    }

    private void Report(string what, Fault fault, int faults)
    {
        Assert.True(faults > 5, $"only {faults} faults were injected");
        output.WriteLine($"{what}, {fault}: {faults} faults injected, 0 losses");
    }
}
