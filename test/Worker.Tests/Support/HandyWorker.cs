using System.Text.Json.Nodes;
using Granary.Access;
using Granary.Engine.Repositories;
using Granary.Storage;
using Granary.Storage.Local;
using Granary.TestSupport;
using Granary.Worker.Commands;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Worker.Tests.Support;

/// <summary>What a command left.</summary>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Log">What it logged, which is its standard error.</param>
internal sealed record Outcome(int ExitCode, string Output, string Log)
{
    public JsonNode Json => JsonNode.Parse(Output)!;

    public Outcome Succeeded() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"exit status {ExitCode}\n{Output}\n{Log}");
}

/// <summary>
/// The worker as people use it by hand, outside of a cluster: a repository in the environment, commands one after the
/// other.
/// </summary>
internal sealed class HandyWorker : IDisposable
{
    public const string Password = "password-of-the-test";

    private readonly Func<BackendSettings, IBackend>? _provider;

    public HandyWorker(string? repository = null, Func<BackendSettings, IBackend>? provider = null)
    {
        _provider = provider;
        Repository = repository ?? Folder["repo"];
        Variables = new() { ["RESTIC_REPOSITORY"] = Repository, ["RESTIC_PASSWORD"] = Password };
    }

    /// <summary>
    /// Whether commands run in the tests' process even where there is a native program, since only there the provider's
    /// faults are met.
    /// </summary>
    public bool RunsHere { get; init; }

    public TempDirectory Folder { get; } = new();

    public string Repository { get; }

    public Dictionary<string, string> Variables { get; }

    public ResticCli Restic => new(Repository, Password, Variables);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<Outcome> RunAsync(params string[] arguments) => RunAsync(null, null, arguments);

    /// <summary>Runs a command that has to succeed, with <c>--json</c>, and reads what it printed.</summary>
    public async Task<JsonNode> JsonAsync(params string[] arguments) =>
        (await RunAsync([.. arguments, "--json"])).Succeeded().Json;

    public Task<Outcome> RunAsync(byte[]? input, Stream? rawOutput, params string[] arguments) =>
        !RunsHere && BuiltWorker.Native is { } program
            ? RunNativeAsync(program, input, rawOutput, arguments)
            : RunHereAsync(input, rawOutput, arguments);

    private async Task<Outcome> RunNativeAsync(string program, byte[]? input, Stream? rawOutput, string[] arguments)
    {
        using var given = new MemoryStream(input ?? [], writable: false);
        var result = await CommandLine.RunAsync(
            program,
            arguments,
            Variables,
            given,
            rawOutput,
            cancellationToken: Token
        );
        return new Outcome(result.ExitCode, result.Output, result.Error);
    }

    private async Task<Outcome> RunHereAsync(byte[]? input, Stream? rawOutput, string[] arguments)
    {
        var log = new CapturedLog();
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var options = WorkerOptions.From(Variables.GetValueOrDefault);
        using var services = new WorkerServices(options, log, TimeProvider.System)
        {
            Out = output,
            Error = error,
            RawInput = () => new MemoryStream(input ?? [], writable: false),
            RawOutput = () => rawOutput ?? Stream.Null,
            KeyCost = new KeyCost(1024, 8, 1),
            Backends = new BackendFactory(
                TimeProvider.System,
                NullLogger.Instance,
                TimeSpan.FromSeconds(20),
                _provider
            ),
        };
        var exitCode = await WorkerProgram.RunAsync(arguments, services, Token);
        return new Outcome(exitCode, output.ToString(), error + log.Text);
    }

    /// <summary>Backs bytes up as <c>/db.sql</c> and answers the summary.</summary>
    public async Task<JsonNode> BackupAsync(byte[] content, params string[] arguments) =>
        (
            await RunAsync(
                content,
                null,
                ["backup", "--stdin", "--stdin-filename", "db.sql", "--host", "host-0", "--json", .. arguments]
            )
        )
            .Succeeded()
            .Json;

    public async Task<byte[]> DumpAsync(string snapshot, string path, params string[] arguments)
    {
        using var content = new MemoryStream();
        (await RunAsync(null, content, ["dump", snapshot, path, .. arguments])).Succeeded();
        return content.ToArray();
    }

    public async Task<List<string>> ListAsync(string kind, params string[] arguments) =>
        [.. (await JsonAsync(["list", kind, .. arguments])).AsArray().Select(name => name!.GetValue<string>())];

    /// <summary>Copies the repository, file by file, into a folder.</summary>
    public async Task CopyAsync(string folder)
    {
        var settings = new BackendSettings(
            RepositoryLocation.Parse(Repository),
            StorageCredentials.OfEnvironment(Variables.GetValueOrDefault, new Redactor())
        );
        await using var from = new BackendFactory(TimeProvider.System, NullLogger.Instance, provider: _provider).Create(
            settings
        );
        await using var to = LocalBackend.Create(new LocalOptions { Path = folder }, TimeProvider.System);
        await to.PrepareAsync(Token);
        await CopyAsync(FileHandle.Config);
        foreach (var kind in new[] { FileKind.Key, FileKind.Snapshot, FileKind.Index, FileKind.Pack })
        {
            await foreach (var file in from.ListAsync(kind, Token))
            {
                await CopyAsync(new FileHandle(kind, file.Name));
            }
        }

        async Task CopyAsync(FileHandle handle)
        {
            using var content = new MemoryStream(await from.ReadAllAsync(handle, Token), writable: false);
            await to.SaveAsync(handle, content, SaveMode.CreateOnly, Token);
        }
    }

    public void Dispose() => Folder.Dispose();
}
