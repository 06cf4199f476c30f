using Granary.Engine;
using Granary.Engine.Checking;
using Granary.Storage;
using Granary.Storage.Decorators;
using Granary.TestSupport;
using Xunit.Sdk;

namespace Granary.Faults.Tests.Loops;

/// <summary>
/// Fails the n-th operation on a real store for n = 1, 2, 3 … until a run meets no fault, and proves after each what is
/// left.
/// </summary>
/// <param name="stores">The stores.</param>
/// <param name="store">Which of them.</param>
/// <param name="operation">What is interrupted.</param>
internal sealed class FaultLoop(Stores stores, StoreKind store, Operation operation)
{
    private const int Endless = 2_000;

    private static readonly RetryOptions Quickly = new() { FirstDelay = TimeSpan.FromMilliseconds(1) };

    /// <summary>
    /// Only every so many operations are failed, the first one depending on the kind of fault. Default: each.
    /// </summary>
    public int Stride { get; init; } = 1;

    /// <summary>
    /// Whether the layer that retries lies between, as in the worker: a passing fault then does not even interrupt.
    /// </summary>
    public bool IsRetried { get; init; }

    /// <summary>restic checks after every so many faults, beginning with the first. Default: each.</summary>
    public int ResticEvery { get; init; } = 1;

    /// <summary>Runs the loop, and notes how many faults were injected and what was lost.</summary>
    public async Task RunAsync(Fault kind, Ledger ledger)
    {
        var files = await operation.FilesAsync();
        var losses = new List<string>();
        var (met, faults) = (0, 0);
        for (var number = 1 + ((int)kind % Stride); number < Endless; number += Stride)
        {
            await using var place = await stores.NewAsync(store);
            await place.PutAsync(files);
            var fault = await InterruptAsync(place, number, kind, losses);
            await ProveAsync(place, number, fault is not null && met % ResticEvery == 0, losses);
            if (fault is null)
            {
                ledger.Faults(
                    $"{operation.Name} on {store}, {kind}{(IsRetried ? ", retried" : "")}",
                    faults,
                    losses.Count
                );
                Assert.Empty(losses);
                Assert.True(met * Stride > 5, $"only {met} operations were met");
                return;
            }

            // Where a fault of a read meets another operation, that fails as by a plain error, which another loop
            // counts.
            met++;
            faults += kind != Fault.ShortRead || fault == StorageOperation.Read ? 1 : 0;
        }

        Assert.Fail("The runs never end.");
    }

    /// <summary>
    /// Runs the operation into a fault, and returns what was met by it; null if the run ended before.
    /// </summary>
    private async Task<StorageOperation?> InterruptAsync(Place place, int number, Fault kind, List<string> losses)
    {
        var faulty = new FaultyBackend(place.Backend) { DieWriting = place.DieWriting };
        faulty.FailOperation(number, kind);
        IBackend backend = IsRetried ? new RetryingBackend(faulty, Quickly, TimeProvider.System) : faulty;
        var failure = await Record.ExceptionAsync(async () =>
            await operation.RunAsync(await Sample.OpenAsync(backend), Sample.Doomed)
        );
        // A check may take for lost what the store denied: a false alarm, and no loss.
        var isFalseAlarm = kind == Fault.NotFound && operation.Name == "check" && failure is XunitException;
        if (
            !isFalseAlarm
            && (IsRetried ? failure is not null : failure is not (null or StorageException or RepositoryException))
        )
        {
            losses.Add($"operation {number}: it ended with {failure}");
        }

        return faulty.Log.Count >= number ? faulty.Log[number - 1].Operation : null;
    }

    private async Task ProveAsync(Place place, int number, bool askRestic, List<string> losses)
    {
        var step = "the snapshots after the fault";
        try
        {
            await operation.Sample.EverySnapshotRestoresAsync(place.Backend);
            if (askRestic)
            {
                step = "restic's check after the fault";
                await Proof.ResticFindsNoErrorAsync(place, TestContext.Current.CancellationToken);
            }

            step = "the next run";
            Assert.True(
                await operation.RunAsync(await Sample.OpenAsync(place.Backend), Sample.Living),
                "something is left to do"
            );
            step = "the snapshots after the next run";
            operation.After(await operation.Sample.EverySnapshotRestoresAsync(place.Backend));
            step = "our check after the next run";
            var report = await Sample.CheckAsync(await Sample.OpenAsync(place.Backend), Sample.Living);
            Assert.True(report.IsSound, string.Join("; ", report.Errors));
            Assert.True(
                !operation.IsTidy || report.UnreferencedPacks.Count == 0,
                $"{report.UnreferencedPacks.Count} packs that no index names"
            );
        }
        catch (Exception e) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            losses.Add($"operation {number}: {step}: {e}");
        }
    }
}
