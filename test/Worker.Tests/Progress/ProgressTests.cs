using Granary.Engine.Maintenance;
using Granary.TestSupport;
using Granary.Worker.Progress;
using Granary.Worker.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Granary.Worker.Tests.Progress;

/// <summary>What people see of long work.</summary>
public sealed class ProgressTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CapturedLog _log = new();

    [Fact]
    public void Rate_and_remaining_time_are_those_of_the_last_seconds()
    {
        var pace = new Pace(_time);

        Assert.Equal("Restoring: 0 B of 10.000 MiB, 0:00 so far", pace.Describe(At(0)));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("Restoring: 2.000 MiB of 10.000 MiB, 1024.000 KiB/s, 0:08 left", pace.Describe(At(2)));

        // It goes four times as fast from here on.
        for (var done = 6; done < 90; done += 4)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            pace.Describe(At(done, 100));
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("Restoring: 90.000 MiB of 100.000 MiB, 4.000 MiB/s, 0:02 left", pace.Describe(At(90, 100)));

        static Advance At(int done, int total = 10) =>
            new("Restoring", (long)done << 20, (long)total << 20, IsBytes: true);
    }

    [Fact]
    public void A_stream_without_known_end_shows_what_has_passed_and_the_note()
    {
        var pace = new Pace(_time);
        pace.Describe(new("Backing up", 0, 0, IsBytes: true, "0 B stored"));
        _time.Advance(TimeSpan.FromSeconds(65));

        Assert.Equal(
            "Backing up: 65.000 MiB, 1024.000 KiB/s, 9.000 MiB stored, 1:05 so far",
            pace.Describe(new("Backing up", 65 << 20, 0, IsBytes: true, "9.000 MiB stored"))
        );
    }

    [Fact]
    public void Steps_count_anew()
    {
        var pace = new Pace(_time);
        pace.Describe(Advance.Of(new MaintenanceProgress(MaintenanceStep.WalkSnapshots, 0, 3)));
        _time.Advance(TimeSpan.FromSeconds(10));
        pace.Describe(Advance.Of(new MaintenanceProgress(MaintenanceStep.ReadPacks, 10, 40)));
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(
            "Reading packs: 15 of 40, 0.5/s, 0:50 left",
            pace.Describe(Advance.Of(new MaintenanceProgress(MaintenanceStep.ReadPacks, 15, 40)))
        );
    }

    [Fact]
    public async Task Without_a_terminal_a_line_is_logged_every_30_seconds()
    {
        using var services = Services();
        var work = new TaskCompletionSource<int>();

        var shown = new ProgressDisplay(services).RunAsync(progress =>
        {
            progress.Report(new MaintenanceProgress(MaintenanceStep.Repack, 30, 120));
            return work.Task;
        });
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(_log.Text);
        _time.Advance(TimeSpan.FromSeconds(1));
        await TestSupport.Eventually.TrueAsync(
            "a line",
            () => Task.FromResult(_log.Text.Length > 0),
            cancellationToken: TestContext.Current.CancellationToken
        );
        work.SetResult(7);

        Assert.Equal(7, await shown);
        Assert.Equal("Information 3030 Repacking packs: 30 of 120, 1.0/s, 1:30 left", _log.Text);
    }

    [Fact]
    public async Task Quiet_work_shows_nothing()
    {
        using var services = Services();
        services.IsQuiet = true;
        var work = new TaskCompletionSource<int>();

        var shown = new ProgressDisplay(services).RunAsync(_ => work.Task);
        _time.Advance(TimeSpan.FromSeconds(90));
        work.SetResult(7);

        Assert.Equal(7, await shown);
        Assert.Empty(_log.Text);
    }

    [Fact]
    public async Task On_a_terminal_the_line_is_live_and_nothing_is_logged()
    {
        await using var text = new StringWriter();
        await using var screen = TextWriter.Synchronized(text);
        using var services = Services(
            AnsiConsole.Create(
                new AnsiConsoleSettings
                {
                    Ansi = AnsiSupport.Yes,
                    Interactive = InteractionSupport.Yes,
                    Out = new AnsiConsoleOutput(screen),
                }
            )
        );

        var work = new TaskCompletionSource<int>();
        var done = 5L;

        var shown = new ProgressDisplay(services).RunAsync(
            () => work.Task,
            () => new Advance("Dumping [all]", Interlocked.Read(ref done), 10, IsBytes: true)
        );
        await ShowsAsync("Dumping [all]: 5 B of 10 B");
        Interlocked.Exchange(ref done, 8);
        await ShowsAsync("Dumping [all]: 8 B of 10 B");
        work.SetResult(7);

        Assert.Equal(7, await shown);
        Assert.Empty(_log.Text);

        Task ShowsAsync(string line) =>
            TestSupport.Eventually.TrueAsync(
                line,
                () =>
                {
                    _time.Advance(TimeSpan.FromMilliseconds(250));
                    lock (screen)
                    {
                        return Task.FromResult(text.ToString().Contains(line, StringComparison.Ordinal));
                    }
                },
                cancellationToken: TestContext.Current.CancellationToken
            );
    }

    private WorkerServices Services(IAnsiConsole? terminal = null) =>
        new(WorkerOptions.From(_ => null), _log, _time) { Terminal = terminal };
}
