namespace Granary.Faults.Tests;

/// <summary>
/// The system's clock, except that short waits are cut shorter: for loops in which one process at a time uses a
/// repository.
/// </summary>
internal sealed class ImpatientTime : TimeProvider
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(
            callback,
            state,
            dueTime > TimeSpan.Zero && dueTime < Short ? TimeSpan.FromMilliseconds(1) : dueTime,
            period
        );
}
