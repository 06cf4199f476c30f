using System.Text.Json.Nodes;
using Granary.TestSupport;

namespace Granary.Worker.Tests.Support;

/// <summary>A worker with a repository of its own, and what tests of repository commands ask of both.</summary>
public abstract class RepositoryCommandTest : IDisposable
{
    private protected HandyWorker Worker { get; } = new();

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Worker.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static byte[] Content(int turn) =>
        [.. SeededBytes.Random($"noise {turn}", 3_000_000), .. SeededBytes.Random($"noise {turn + 1}", 3_000_000)];

    private protected static List<string> Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    private protected static List<JsonNode> Lines(Outcome outcome) =>
        [
            .. outcome
                .Succeeded()
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!),
        ];

    private protected static void Flip(string file, int at)
    {
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var bytes = File.ReadAllBytes(file);
        bytes[at] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    private protected async Task ThreeBackupsAsync(params string[] flags)
    {
        await Worker.JsonAsync("init");
        for (var turn = 0; turn < 3; turn++)
        {
            await Worker.BackupAsync(Content(turn), flags);
        }
    }

    private protected async Task<string> ResticAsync(params string[] arguments) =>
        (await Worker.Restic.RunAsync(arguments, cancellationToken: Token)).Succeeded().Output;

    private protected async Task ResticCheckAsync() =>
        Assert.Contains("no errors were found", await ResticAsync("check", "--read-data"), StringComparison.Ordinal);
}
