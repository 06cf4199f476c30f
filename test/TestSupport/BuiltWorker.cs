namespace Granary.TestSupport;

/// <summary>The worker as a program of its own.</summary>
/// <remarks>
/// Tests run what was built with them. <c>GRANARY_TEST_WORKER</c> names another program instead: the native one that
/// ships, which <c>make native</c> publishes and <c>make soak</c> tests.
/// </remarks>
public static class BuiltWorker
{
    /// <summary>The program that <c>GRANARY_TEST_WORKER</c> names, or null.</summary>
    public static string? Native { get; } =
        Environment.GetEnvironmentVariable("GRANARY_TEST_WORKER") is not { Length: > 0 } given ? null
        : File.Exists(given) ? Path.GetFullPath(given)
        : throw new InvalidOperationException($"GRANARY_TEST_WORKER is {given}, and there is no such file.");

    /// <summary>The command line's beginning: a program, and what stands before the command's own arguments.</summary>
    /// <param name="configuration">Of the build, for example <c>Release</c>.</param>
    public static IReadOnlyList<string> Command(string configuration) =>
        Native is { } program
            ? [program]
            :
            [
                "dotnet",
                Path.Combine(
                    RepositoryRoot.Path,
                    "Worker",
                    "Host",
                    "bin",
                    configuration,
                    "net10.0",
                    "Granary.Worker.dll"
                ),
            ];

    /// <summary>
    /// As <see cref="Command"/>, of a copy: for a test that runs so long that somebody may build meanwhile.
    /// </summary>
    public static IReadOnlyList<string> CopyTo(string folder, string configuration)
    {
        IReadOnlyList<string> command = Command(configuration);
        string source = Path.GetDirectoryName(command[^1])!;
        const string runtimes = "runtimes";
        foreach (
            string file in Directory
                .EnumerateFiles(source)
                .Concat(
                    Directory.Exists(Path.Combine(source, runtimes))
                        ? Directory.EnumerateFiles(Path.Combine(source, runtimes), "*", SearchOption.AllDirectories)
                        : []
                )
        )
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return [.. command.SkipLast(1), Path.Combine(folder, Path.GetFileName(command[^1]))];
    }
}
