using System.Diagnostics;
using System.Text;
using Granary.TestSupport;
using Granary.Worker.Processes;
using Granary.Worker.Streams;

namespace Granary.Worker.Tests.Processes;

public sealed class ToolProcessTests
{
    private static readonly Dictionary<string, string?> NoEnvironment = [];

    [Fact]
    public async Task The_exit_status_and_the_diagnostics_are_those_of_the_tool()
    {
        var lines = new List<string>();
        await using var tool = Shell("echo out; echo one >&2; echo two >&2; exit 7", lines.Add);

        var output = await new StreamReader(tool.Output).ReadToEndAsync(TestContext.Current.CancellationToken);
        var status = await tool.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((7, "out\n"), (status, output));
        Assert.Equal(["one", "two"], lines);
    }

    [Fact]
    public async Task A_killed_tool_takes_its_children_with_it()
    {
        using var folder = new TempDirectory();
        await using var tool = Shell(
            $"sleep 600 & echo $! > {folder["child"]}.new; mv {folder["child"]}.new {folder["child"]}; wait",
            _ => { }
        );
        await Eventually.TrueAsync(
            "the child's id",
            () => Task.FromResult(File.Exists(folder["child"])),
            cancellationToken: TestContext.Current.CancellationToken
        );
        var child = int.Parse(await File.ReadAllTextAsync(folder["child"], TestContext.Current.CancellationToken));

        tool.Kill();
        var status = await tool.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(137, status);
        await Eventually.TrueAsync(
            "the child's end",
            () => Task.FromResult(!IsRunning(child)),
            cancellationToken: TestContext.Current.CancellationToken
        );
    }

    [Fact]
    public async Task A_grandchild_that_holds_the_diagnostics_open_does_not_hold_us_up()
    {
        var watch = Stopwatch.StartNew();
        await using var tool = Shell("sleep 600 >/dev/null & exit 0", _ => { });

        var status = await tool.WaitAsync(TestContext.Current.CancellationToken);
        tool.Kill();

        Assert.Equal(0, status);
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(5), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        var lines = new List<string>();

        await using var tool = ToolProcess.Start(new("/no-such-tool", [], NoEnvironment), lines.Add);
        var status = await tool.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(127, status);
        Assert.Contains("/no-such-tool", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_beyond_the_limit_are_cut_and_not_collected()
    {
        var lines = new List<string>();
        using var text = new StringReader(new string('x', 10_000) + "\r\nshort\n\nlast");

        await LineReader.ReadAsync(text, 100, lines.Add, TestContext.Current.CancellationToken);

        Assert.Equal([new string('x', 100), "short", "", "last"], lines);
    }

    [Fact]
    public void A_tail_keeps_the_last_lines_and_says_what_is_missing()
    {
        var tail = new TextTail(lines: 2, lineLength: 3);
        foreach (var line in new[] { "a", " ", "bbbb", "c", "d" })
        {
            tail.Add(line);
        }

        Assert.Equal("(2 earlier lines left out)\nc\nd", tail.ToString());
    }

    private static ToolProcess Shell(string script, Action<string> onErrorLine) =>
        ToolProcess.Start(new ToolCommand("/bin/sh", ["-c", script], NoEnvironment), onErrorLine);

    /// <summary>A killed orphan may stay as a zombie until its new parent looks.</summary>
    private static bool IsRunning(int id)
    {
        try
        {
            var status = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/stat"));
            return status[status.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
