using Granary.TestSupport;

namespace Granary.Faults.Tests.Loops;

/// <summary>Every operation may be interrupted at any request to a disk, and nothing is lost. The short form.</summary>
public sealed class LocalFaultLoopTests(Stores stores, Ledger ledger)
{
    [Theory]
    [CombinatorialFaults(Fault.Error, Fault.TimeOut, Fault.ShortRead, Fault.Late, Fault.NotFound, Fault.Killed)]
    public Task Nothing_is_lost_whatever_request_fails(string operation, Fault kind) =>
        new FaultLoop(stores, StoreKind.Local, Operation.Of(operation, new Sample(), 3))
        {
            ResticEvery = operation == "prune" ? 1 : 10,
            Stride = 4,
        }.RunAsync(kind, ledger);

    [Theory]
    [CombinatorialFaults(Fault.Error, Fault.TimeOut, Fault.Late)]
    public Task A_passing_fault_does_not_even_interrupt(string operation, Fault kind) =>
        new FaultLoop(stores, StoreKind.Local, Operation.Of(operation, new Sample(), 3))
        {
            IsRetried = true,
            ResticEvery = 10,
            Stride = 10,
        }.RunAsync(kind, ledger);
}

/// <summary>Every operation may be interrupted at any request to S3, and nothing is lost. The short form.</summary>
public sealed class S3FaultLoopTests(Stores stores, Ledger ledger)
{
    [Theory]
    [CombinatorialFaults(Fault.Late, Fault.Killed)]
    public Task Nothing_is_lost_whatever_request_fails(string operation, Fault kind) =>
        new FaultLoop(stores, StoreKind.S3, Operation.Of(operation, new Sample(), 3))
        {
            ResticEvery = 10,
            Stride = 7,
        }.RunAsync(kind, ledger);
}
