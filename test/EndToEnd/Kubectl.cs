using System.Text.Json.Nodes;
using Granary.TestSupport;

namespace Granary.EndToEnd;

/// <summary>The real kubectl against one cluster, with a home of its own so that no cache leaks between runs.</summary>
public sealed class Kubectl(string kubeconfig, string home)
{
    private readonly Dictionary<string, string> _environment = new() { ["KUBECONFIG"] = kubeconfig, ["HOME"] = home };

    /// <summary>Runs kubectl and answers what it printed, whatever its exit status.</summary>
    public Task<CommandResult> TryAsync(
        string[] arguments,
        string? input = null,
        CancellationToken cancellationToken = default
    )
    {
        MemoryStream? stream = input is null ? null : new MemoryStream(System.Text.Encoding.UTF8.GetBytes(input));
        return CommandLine.RunAsync(
            RepositoryRoot.Tool("kubectl"),
            arguments,
            _environment,
            stream,
            cancellationToken: cancellationToken
        );
    }

    /// <summary>Runs kubectl and answers its standard output; fails with what it printed.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        CommandResult result = await TryAsync(arguments);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException(
                $"kubectl {string.Join(' ', arguments)}: exit status {result.ExitCode}\n{result.Output}{result.Error}"
            );
    }

    /// <summary>Applies YAML given as text.</summary>
    public async Task<string> ApplyAsync(string yaml)
    {
        CommandResult result = await TryAsync(["apply", "-f", "-"], yaml);
        return result.ExitCode == 0
            ? result.Output + result.Error
            : throw new InvalidOperationException(
                $"kubectl apply: exit status {result.ExitCode}\n{result.Output}{result.Error}"
            );
    }

    /// <summary>Reads one object, or null where there is none.</summary>
    public async Task<JsonNode?> GetAsync(string kind, string name, string @namespace)
    {
        CommandResult result = await TryAsync([
            "get",
            kind,
            name,
            "-n",
            @namespace,
            "-o",
            "json",
            "--ignore-not-found",
        ]);
        return result.Succeeded().Output.Length == 0 ? null : JsonNode.Parse(result.Output);
    }

    /// <summary>Reads all objects of a kind in a namespace.</summary>
    public async Task<IReadOnlyList<JsonNode>> ListAsync(string kind, string @namespace, string? selector = null)
    {
        string[] filter = selector is null ? [] : ["-l", selector];
        CommandResult result = await TryAsync(["get", kind, "-n", @namespace, "-o", "json", .. filter]);
        return [.. JsonNode.Parse(result.Succeeded().Output)!["items"]!.AsArray().Select(item => item!)];
    }
}
