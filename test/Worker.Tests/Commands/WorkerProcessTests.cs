using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using Granary.Engine.Repositories;
using Granary.Storage;
using Granary.Storage.Local;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.Worker.Tests.Commands;

/// <summary>The built program as a process: pipes, exit status, signals.</summary>
public sealed class WorkerProcessTests : IAsyncLifetime
{
    private const string Password = "password-of-the-test";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TempDirectory _folder = new();
    private readonly List<Process> _started = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using var backend = LocalBackend.Create(new LocalOptions { Path = _folder["repo"] }, TimeProvider.System);
        await Repository.InitAsync(
            backend,
            new Secret(Password),
            new InitOptions { Cost = new KeyCost(1024, 8, 1) },
            Token
        );
    }

    public ValueTask DisposeAsync()
    {
        // A process that a failed test left behind would hold the pipes of whoever runs the tests.
        foreach (var process in _started)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_goes_in_comes_out_and_results_alone_are_on_standard_output()
    {
        var content = SeededBytes.Random("pipe", 3_000_000);
        using var input = new MemoryStream(content);

        var backup = await RunAsync(["backup", "--stdin", "--stdin-filename", "db.sql", "--json"], input);
        using var dumped = new MemoryStream();
        await RunAsync(["dump", "latest", "/db.sql"], output: dumped);

        Assert.Equal(3_000_000, (long)System.Text.Json.Nodes.JsonNode.Parse(backup.Output)!["total_bytes_processed"]!);
        Assert.Equal(content, dumped.ToArray());
    }

    [Theory]
    [InlineData("--stdin")]
    [InlineData("--stream", "unwritten=")]
    [InlineData("--stream", "idle=")]
    [InlineData("--command", "sleeper=echo some; sleep 1000")]
    public async Task A_signal_stops_a_backup_that_waits_and_leaves_no_lock(params string[] stream)
    {
        var pipe = _folder["pipe"];
        (await CommandLine.RunAsync("mkfifo", [pipe], cancellationToken: Token)).Succeeded();
        stream[^1] += stream[0] == "--stream" ? pipe : "";
        var info = Start(["backup", .. stream]);
        info.RedirectStandardInput = true;
        info.RedirectStandardError = true;
        var process = Watched(info);
        await Eventually.TrueAsync("its lock", () => Task.FromResult(Count("locks") == 1), Patience, Token);
        await Eventually.TrueAsync(
            "its pipe",
            () => Task.FromResult(stream[0] != "--stream" || HasOpen(process, pipe)),
            Patience,
            Token
        );
        using var writer = stream[^1].StartsWith("idle", StringComparison.Ordinal) ? File.OpenWrite(pipe) : null;

        Signals.Send(process.Id, Signals.Terminate);

        await process.WaitForExitAsync(Token).WaitAsync(Patience, Token);
        Assert.Equal(ExitCodes.Interrupted, process.ExitCode);
        Assert.Equal((0, 0), (Count("locks"), Count("snapshots")));
    }

    [Fact]
    public async Task A_second_signal_ends_a_dump_whose_reader_stands_still()
    {
        await RunAsync(
            ["backup", "--stdin", "--stdin-filename", "db.sql"],
            new MemoryStream(SeededBytes.Random("still", 3_000_000))
        );
        var info = Start(["dump", "latest", "/db.sql"]);
        info.RedirectStandardOutput = true;
        var process = Watched(info);
        await process.StandardOutput.BaseStream.ReadExactlyAsync(new byte[1], Token);

        Signals.Send(process.Id, Signals.Terminate);
        await Eventually.TrueAsync(
            "its end",
            () =>
            {
                if (!process.HasExited)
                {
                    Signals.Send(process.Id, Signals.Terminate);
                }

                return Task.FromResult(process.HasExited);
            },
            Patience,
            Token
        );

        Assert.Equal(128 + Signals.Terminate, process.ExitCode);
    }

    /// <remarks>restic's unlock sends a hang-up to the owners of locks, to learn whether they live.</remarks>
    [Fact]
    public async Task A_hangup_and_an_unlock_of_restic_leave_a_running_backup_alone()
    {
        var process = await WaitingBackupAsync();

        Signals.Send(process.Id, Signals.Hangup);
        (await new ResticCli(_folder["repo"], Password).RunAsync(["unlock"], cancellationToken: Token)).Succeeded();
        await process.StandardInput.WriteAsync("select 1;");
        process.StandardInput.Close();

        await process.WaitForExitAsync(Token).WaitAsync(Patience, Token);
        Assert.Equal((0, 1), (process.ExitCode, Count("snapshots")));
    }

    [Fact]
    public async Task The_lock_of_a_process_that_another_container_does_not_see_stands_in_its_way()
    {
        var process = await WaitingBackupAsync();
        var prune = Start(["prune"]);

        var other = await CommandLine.RunAsync(
            "unshare",
            ["--map-root-user", "--pid", "--fork", "--mount-proc", prune.FileName, .. prune.ArgumentList],
            Variables,
            cancellationToken: Token
        );

        Assert.True(other.ExitCode == ExitCodes.Locked, $"exit status {other.ExitCode}: {other.Output}{other.Error}");
        Assert.Equal(1, Count("locks"));
        process.StandardInput.Close();
    }

    [Fact]
    public async Task A_snapshot_has_the_whole_host_name()
    {
        var backup = Start(["backup", "--command", "db.sql=echo some"]);
        (
            await CommandLine.RunAsync(
                "unshare",
                [
                    "--map-root-user",
                    "--uts",
                    "sh",
                    "-c",
                    "hostname db1.example.com && exec \"$@\"",
                    "sh",
                    backup.FileName,
                    .. backup.ArgumentList,
                ],
                Variables,
                cancellationToken: Token
            )
        ).Succeeded();

        var snapshots = System
            .Text.Json.Nodes.JsonNode.Parse((await RunAsync(["snapshots", "--json"])).Output)!
            .AsArray();
        Assert.Equal("db1.example.com", (string)Assert.Single(snapshots)!["hostname"]!);
    }

    /// <remarks>
    /// As with <c>dump | head</c>: what nobody reads must not be fetched, let alone called a success.
    /// </remarks>
    [Theory]
    [InlineData("dump latest /db.sql")]
    [InlineData("list blobs")]
    public async Task A_reader_that_goes_away_ends_the_command_quietly(string command)
    {
        await RunAsync(
            ["backup", "--stdin", "--stdin-filename", "db.sql"],
            new MemoryStream(SeededBytes.Random("head", 3_000_000))
        );
        var info = Start(command.Split(' '));
        var gone = _folder["gone"];
        (await CommandLine.RunAsync("mkfifo", [gone], cancellationToken: Token)).Succeeded();

        // The command begins when the reader has closed its end: what is short would fit into the pipe before.
        var result = await ShellAsync(
            $"{{ read -r word <{gone}; \"$@\"; echo status $? >&2; }} | {{ exec <&-; echo gone >{gone}; }}",
            info
        );

        Assert.Equal($"status {ExitCodes.OutputClosed}\n", result.Error);
        Assert.Equal(0, Count("locks"));
    }

    [Theory]
    [InlineData("dump latest /db.sql")]
    [InlineData("snapshots")]
    [InlineData("forget --keep-last 1 --dry-run")]
    public async Task A_full_device_is_told_in_a_sentence(string command)
    {
        await RunAsync(["backup", "--stdin", "--stdin-filename", "db.sql"], new MemoryStream([1, 2, 3]));

        var result = await ShellAsync("exec \"$@\" > /dev/full", Start(command.Split(' ')));

        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.Contains(
            "The standard output cannot be written: No space left on device",
            result.Error,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, Count("locks"));
    }

    /// <remarks>
    /// The native program has the search in a library beside it, which a missing file or a changed name would silently
    /// put out of use. Publishing it takes minutes, so this is for make soak.
    /// </remarks>
    [Fact]
    [Trait("Category", "Slow")]
    public async Task The_program_that_ships_searches_cuts_with_wide_vectors_where_it_can_and_cuts_where_restic_does()
    {
        Assert.NotNull(BuiltWorker.Native);
        var content = SeededBytes.Random("wide", 20_000_000);
        var restic = new ResticCli(_folder["repo"], Password);
        (
            await restic.RunAsync(
                ["backup", "--stdin", "--stdin-filename", "db.sql"],
                new MemoryStream(content),
                cancellationToken: Token
            )
        ).Succeeded();
        var info = Start(["backup", "--stdin", "--stdin-filename", "db.sql", "--json"]);
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;
        var process = Watched(info);

        await process.StandardInput.BaseStream.WriteAsync(content, Token);
        await process.StandardInput.BaseStream.FlushAsync(Token);
        var maps = await File.ReadAllTextAsync($"/proc/{process.Id}/maps", Token);
        process.StandardInput.Close();
        var summary = System.Text.Json.Nodes.JsonNode.Parse(await process.StandardOutput.ReadToEndAsync(Token))!;

        // Some processors multiply polynomials in vectors, but not in those of 512 bits.
        var isWide = Avx512Vbmi.IsSupported && Gfni.V512.IsSupported && Pclmulqdq.V512.IsSupported;
        Assert.Equal(isWide, maps.Contains("/libgranary-wide.so", StringComparison.Ordinal));
        Assert.Equal(20_000_000, (long)summary["total_bytes_processed"]!);
        Assert.Equal(0, (long)summary["data_blobs"]!);
    }

    /// <summary>A backup of its standard input, to which nobody has written yet, with its lock.</summary>
    private async Task<Process> WaitingBackupAsync()
    {
        var info = Start(["backup", "--stdin"]);
        info.RedirectStandardInput = true;
        var process = Watched(info);
        await Eventually.TrueAsync("its lock", () => Task.FromResult(Count("locks") == 1), Patience, Token);
        return process;
    }

    private Process Watched(ProcessStartInfo info)
    {
        var process = Process.Start(info)!;
        _started.Add(process);
        return process;
    }

    private static bool HasOpen(Process process, string file) =>
        new DirectoryInfo($"/proc/{process.Id}/fd")
            .EnumerateFileSystemInfos()
            .Any(descriptor => descriptor.LinkTarget == file);

    private int Count(string kind) => Directory.EnumerateFiles(_folder[$"repo/{kind}"]).Count();

    private async Task<CommandResult> RunAsync(string[] arguments, Stream? input = null, Stream? output = null)
    {
        var info = Start(arguments);
        return (
            await CommandLine.RunAsync(
                info.FileName,
                info.ArgumentList,
                Variables,
                input,
                output,
                cancellationToken: Token
            )
        ).Succeeded();
    }

    private Task<CommandResult> ShellAsync(string script, ProcessStartInfo info) =>
        CommandLine.RunAsync(
            "/bin/sh",
            ["-c", script, "sh", info.FileName, .. info.ArgumentList],
            Variables,
            cancellationToken: Token
        );

    private Dictionary<string, string> Variables =>
        new() { ["RESTIC_REPOSITORY"] = _folder["repo"], ["RESTIC_PASSWORD"] = Password };

    private ProcessStartInfo Start(string[] arguments)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var command = BuiltWorker.Command(configuration);
        var info = new ProcessStartInfo(command[0], [.. command.Skip(1), .. arguments]);
        foreach (var (name, value) in Variables)
        {
            info.Environment[name] = value;
        }

        return info;
    }
}
