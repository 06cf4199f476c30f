using System.Text.Json;
using Granary.TestSupport;

namespace Granary.EndToEnd;

/// <summary>What an image name stands for on a node without a container engine: programs of this checkout and of <c>.tools/</c>.</summary>
public static class Images
{
    /// <summary>Writes the node agent's image map; answers its path.</summary>
    public static string WriteMap(string path, string configuration)
    {
        string root = RepositoryRoot.Path;
        object Program(string project, string assembly, object? env = null) => new
        {
            command = new[] { DotnetPath(), Built(Path.Combine(root, project, "bin", configuration, "net10.0", $"{assembly}.dll")) },
            env = env ?? new { DOTNET_NOLOGO = "1" },
        };
        var map = new Dictionary<string, object>
        {
            ["granary/operator"] = Program("Operator", "Granary.Operator"),
            ["granary/worker"] = Program("Worker/Host", "Granary.Worker", new { GRANARY_PG_BIN_DIRS = Path.Combine(RepositoryRoot.Tools, "pg") }),
            ["prom/pushgateway"] = new { command = new[] { RepositoryRoot.Tool("prometheus-pushgateway") } },
        };
        File.WriteAllText(path, JsonSerializer.Serialize(new { images = map }));
        return path;
    }

    private static string Built(string assembly) => File.Exists(assembly)
        ? assembly
        : throw new InvalidOperationException($"{assembly} is missing: build the solution in this configuration first.");

    private static string DotnetPath() =>
        Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet"
            ? self
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "dotnet")).FirstOrDefault(File.Exists)
                ?? throw new InvalidOperationException("There is no dotnet on PATH.");
}
