using System.Text.Json;
using Granary.TestSupport;

namespace Granary.EndToEnd;

/// <summary>
/// What an image name stands for on a node without a container engine: programs of this checkout and of <c>.tools/</c>.
/// </summary>
public static class Images
{
    /// <summary>Writes the node agent's image map; answers its path.</summary>
    public static string WriteMap(string path, string configuration)
    {
        string root = RepositoryRoot.Path;
        IReadOnlyList<string> Built(string project, string assembly) =>
            [DotnetPath(), Existing(Path.Combine(root, project, "bin", configuration, "net10.0", $"{assembly}.dll"))];
        IReadOnlyList<string> worker = BuiltWorker.Native is { } native
            ? [native]
            : Built("Worker/Host", "Granary.Worker");
        var map = new Dictionary<string, object>
        {
            ["granary/operator"] = new
            {
                command = Built("Operator", "Granary.Operator"),
                env = new { DOTNET_NOLOGO = "1" },
            },
            ["granary/worker"] = new
            {
                command = worker,
                env = new { GRANARY_PG_BIN_DIRS = Path.Combine(RepositoryRoot.Tools, "pg") },
            },
            ["prom/pushgateway"] = new { command = new[] { RepositoryRoot.Tool("prometheus-pushgateway") } },
        };
        File.WriteAllText(path, JsonSerializer.Serialize(new { images = map }));
        return path;
    }

    private static string Existing(string assembly) =>
        File.Exists(assembly)
            ? assembly
            : throw new InvalidOperationException(
                $"{assembly} is missing: build the solution in this configuration first."
            );

    private static string DotnetPath() =>
        Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet"
            ? self
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(':')
                .Select(folder => Path.Combine(folder, "dotnet"))
                .FirstOrDefault(File.Exists)
                ?? throw new InvalidOperationException("There is no dotnet on PATH.");
}
