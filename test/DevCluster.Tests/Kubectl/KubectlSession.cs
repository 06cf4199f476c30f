using Granary.DevCluster.Api;
using Granary.TestSupport;

namespace Granary.DevCluster.Tests.Kubectl;

/// <summary>
/// A server of its own and the real kubectl against it, with a home of its own so that no cache is shared.
/// </summary>
internal sealed class KubectlSession : IAsyncDisposable
{
    private readonly TempDirectory _home = new();

    private KubectlSession(ApiServer server)
    {
        Server = server;
        server.WriteKubeconfig(_home["kubeconfig"]);
    }

    public ApiServer Server { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<KubectlSession> StartAsync() =>
        new(await ApiServer.StartAsync(new ApiServerOptions(), Cancellation));

    /// <summary>Runs a command line; words are separated by blanks, or given one by one.</summary>
    public Task<CommandResult> RunAsync(params string[] words) =>
        CommandLine.RunAsync(
            RepositoryRoot.Tool("kubectl"),
            words.Length == 1 ? words[0].Split(' ') : words,
            Environment(),
            workingDirectory: _home.Path,
            cancellationToken: Cancellation
        );

    /// <summary>What a command printed, which must succeed.</summary>
    public async Task<string> OutputAsync(params string[] words) =>
        (await RunAsync(words)).Succeeded().Output.TrimEnd('\n');

    /// <summary>Starts a command that does not end by itself; what it has printed so far can be read.</summary>
    public (Task Running, Func<string> Printed) Follow(string words, CancellationToken cancellationToken)
    {
        var path = _home["followed"];
        var output = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        return (RunAsync(), () => ReadShared(path));

        async Task RunAsync()
        {
            await using (output)
            {
                await CommandLine.RunAsync(
                    RepositoryRoot.Tool("kubectl"),
                    words.Split(' '),
                    Environment(),
                    output: output,
                    cancellationToken: cancellationToken
                );
            }
        }
    }

    /// <summary>Writes a manifest, and returns its file name.</summary>
    public string File(string name, string content)
    {
        System.IO.File.WriteAllText(_home[name], content);
        return name;
    }

    public string Kubeconfig(string token)
    {
        Server.WriteKubeconfig(_home["other"], token);
        return "other";
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _home.Dispose();
    }

    private static string ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private Dictionary<string, string> Environment() =>
        new(StringComparer.Ordinal)
        {
            ["HOME"] = _home.Path,
            ["KUBECONFIG"] = _home["kubeconfig"],
            ["KUBECTL_KUBERC"] = "false",
        };
}
