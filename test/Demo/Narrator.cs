using System.Diagnostics;
using Spectre.Console;

namespace Granary.Demo;

/// <summary>Tells what happens, with the time since the start, so that a newcomer can follow.</summary>
internal sealed class Narrator
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>Lets lines be as long as they are where the output is not a terminal.</summary>
    public Narrator()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 500;
        }
    }

    /// <summary>Time since the demo began.</summary>
    public TimeSpan Elapsed => _watch.Elapsed;

    /// <summary>Begins a chapter.</summary>
    public void Chapter(string title)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLineInterpolated($"[bold green]== {title}[/] [grey]({Elapsed.TotalSeconds:0} s)[/]");
    }

    /// <summary>Says one thing.</summary>
    public void Say(string text) =>
        AnsiConsole.MarkupLineInterpolated($"[grey]{Elapsed.TotalSeconds, 5:0.0}[/] {text}");

    /// <summary>Shows a command and what it printed.</summary>
    public void Show(string command, string output)
    {
        AnsiConsole.MarkupLineInterpolated($"[grey]{Elapsed.TotalSeconds, 5:0.0}[/] [bold blue]$ {command}[/]");
        AnsiConsole.Profile.Out.Writer.WriteLine(output.TrimEnd());
        AnsiConsole.Profile.Out.Writer.Flush();
    }
}
