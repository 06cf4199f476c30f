using Granary.Engine.Maintenance;
using Spectre.Console;

namespace Granary.Worker.Progress;

/// <summary>The last value of a progress that is reported far more often than anyone looks.</summary>
internal sealed class Latest<T> : IProgress<T>
    where T : struct
{
    private readonly Lock _gate = new();
    private T _value;

    /// <summary>The last value.</summary>
    public T Value
    {
        get
        {
            lock (_gate)
            {
                return _value;
            }
        }
    }

    /// <inheritdoc/>
    public void Report(T value)
    {
        lock (_gate)
        {
            _value = value;
        }
    }
}

/// <summary>Shows how far long work is: a live line on a terminal, a log line now and then elsewhere.</summary>
internal sealed class ProgressDisplay(WorkerServices services)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs work on a repository and shows which step it is at.</summary>
    public Task<T> RunAsync<T>(Func<IProgress<MaintenanceProgress>, Task<T>> work)
    {
        var progress = new Latest<MaintenanceProgress>();
        return RunAsync(() => work(progress), () => Advance.Of(progress.Value));
    }

    /// <summary>Runs the work and shows how far it is, how fast it goes and how long it will take.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, Func<Advance> advance)
    {
        if (services.IsQuiet)
        {
            return await work();
        }

        var pace = new Pace(services.Time);
        string Describe() => pace.Describe(advance());
        var first = Describe();
        if (services.Terminal is { } terminal)
        {
            return await terminal
                .Status()
                .StartAsync(Markup.Escape(first), status =>
                    BesideAsync(work, LiveInterval, () => status.Status(Markup.Escape(Describe())))
                );
        }

        return await BesideAsync(work, LogInterval, () => services.Log.Progress(Describe()));
    }

    private async Task<T> BesideAsync<T>(Func<Task<T>> work, TimeSpan interval, Action show)
    {
        using var done = new CancellationTokenSource();
        var showing = ShowAsync(interval, show, done.Token);
        try
        {
            return await work();
        }
        finally
        {
            await done.CancelAsync();
            await showing;
        }
    }

    private async Task ShowAsync(TimeSpan interval, Action show, CancellationToken done)
    {
        using var timer = new PeriodicTimer(interval, services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(done))
            {
                show();
            }
        }
        catch (OperationCanceledException)
        {
            // The work has ended.
        }
    }
}
