using System.Diagnostics;

namespace Granary.TestSupport;

/// <summary>Waits for a condition instead of for a while.</summary>
public static class Eventually
{
    // What never comes costs this long in a test that fails anyway; what comes late on a busy machine must still be
    // waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Asks again until the probe answers true; fails with what was waited for and the last fault.</summary>
    public static Task TrueAsync(
        string what,
        Func<Task<bool>> probe,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default
    ) => ValueAsync(what, async () => await probe() ? "" : null, within, cancellationToken);

    /// <summary>
    /// Asks again until the probe answers a value; fails with what was waited for and the last fault.
    /// </summary>
    public static async Task<T> ValueAsync<T>(
        string what,
        Func<Task<T?>> probe,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default
    )
        where T : class
    {
        TimeSpan limit = within ?? Patience;
        var watch = Stopwatch.StartNew();
        Exception? last = null;
        while (true)
        {
            try
            {
                if (await probe() is { } value)
                {
                    return value;
                }

                last = null;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                last = e;
            }

            if (watch.Elapsed > limit)
            {
                throw new TimeoutException(
                    $"Waited {limit.TotalSeconds:0} s for: {what}."
                        + (last is null ? "" : $" Last fault: {last.Message}"),
                    last
                );
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }
}
