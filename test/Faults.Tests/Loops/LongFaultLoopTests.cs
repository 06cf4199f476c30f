using Granary.TestSupport;

namespace Granary.Faults.Tests.Loops;

/// <summary>
/// The long form on disks: both versions of the format, a larger repository, every request, and restic's word each
/// time.
/// </summary>
[Trait("Category", "Slow")]
public sealed class LongLocalFaultLoopTests(Stores stores, Ledger ledger)
{
    [Theory]
    [CombinatorialFaults(Fault.Error, Fault.TimeOut, Fault.ShortRead, Fault.Late, Fault.NotFound, Fault.Killed)]
    public Task Nothing_is_lost_in_a_small_repository(string operation, Fault kind) =>
        LoopAsync(operation, kind, new Sample(), 3);

    [Theory]
    [CombinatorialFaults(Fault.Error, Fault.TimeOut, Fault.ShortRead, Fault.Late, Fault.NotFound, Fault.Killed)]
    public Task Nothing_is_lost_in_a_repository_of_version_1(string operation, Fault kind) =>
        LoopAsync(operation, kind, new Sample(Version: 1), 3);

    [Theory]
    [CombinatorialFaults(Fault.Error, Fault.TimeOut, Fault.ShortRead, Fault.Late, Fault.NotFound, Fault.Killed)]
    public Task Nothing_is_lost_in_a_larger_repository(string operation, Fault kind) =>
        LoopAsync(operation, kind, new Sample(OwnLength: 4_000_000), 8);

    [Theory]
    [CombinatorialFaults(Fault.Error, Fault.TimeOut, Fault.Late)]
    public Task A_passing_fault_does_not_even_interrupt(string operation, Fault kind) =>
        new FaultLoop(stores, StoreKind.Local, Operation.Of(operation, new Sample(), 3)) { IsRetried = true }.RunAsync(
            kind,
            ledger
        );

    private Task LoopAsync(string operation, Fault kind, Sample sample, int snapshots) =>
        new FaultLoop(stores, StoreKind.Local, Operation.Of(operation, sample, snapshots)).RunAsync(kind, ledger);
}

/// <summary>The long form on S3: every request, and restic's word each time.</summary>
[Trait("Category", "Slow")]
public sealed class LongS3FaultLoopTests(Stores stores, Ledger ledger)
{
    [Theory]
    [CombinatorialFaults(Fault.Error, Fault.TimeOut, Fault.ShortRead, Fault.Late, Fault.NotFound, Fault.Killed)]
    public Task Nothing_is_lost_in_a_small_repository(string operation, Fault kind) =>
        new FaultLoop(stores, StoreKind.S3, Operation.Of(operation, new Sample(), 3)).RunAsync(kind, ledger);
}
