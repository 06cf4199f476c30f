using Granary.TestSupport;

namespace Granary.Worker.Tests.Support;

/// <summary>
/// The worker as a process of its own, for what depends on the variables of the process, or on what a native program
/// finds by name.
/// </summary>
internal static class BuiltProgram
{
    public static Task<CommandResult> RunAsync(
        string[] arguments,
        IReadOnlyDictionary<string, string> variables,
        Stream? input = null,
        Stream? output = null
    )
    {
        var command = BuiltWorker.Command(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name);
        return CommandLine.RunAsync(
            command[0],
            [.. command.Skip(1), .. arguments],
            variables,
            input ?? new MemoryStream(),
            output,
            cancellationToken: TestContext.Current.CancellationToken
        );
    }
}
