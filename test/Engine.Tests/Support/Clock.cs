using Microsoft.Extensions.Time.Testing;

namespace Granary.Engine.Tests;

/// <summary>Lets fake time pass while something is waiting for it.</summary>
internal static class Clock
{
    public static FakeTimeProvider New() => new(new DateTimeOffset(2026, 3, 1, 2, 0, 0, TimeSpan.Zero));

    /// <summary>Advances in small steps until the task is done.</summary>
    public static async Task<T> PassUntilAsync<T>(this FakeTimeProvider time, Task<T> task, TimeSpan? step = null)
    {
        while (!task.IsCompleted)
        {
            time.Advance(step ?? TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(1)));

            // On a busy machine the millisecond may pass before those who were woken have run at all. Who queues up
            // behind them a few times gives them their turn, so that no more time passes than they wait for.
            for (var turn = 0; turn < 10 && !task.IsCompleted; turn++)
            {
                await Task.Yield();
            }
        }

        return await task;
    }
}
