using System.Text.Json;
using Granary.TestSupport;
using Granary.Worker.Commands;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Worker.Tests.Commands;

/// <summary>The commands that people run by hand, side by side with restic on one repository.</summary>
public sealed class RepositoryCommandTests : IDisposable
{
    private const string Password = "password-of-the-test";

    private readonly TempDirectory _folder = new();
    private readonly MemoryStream _raw = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ResticCli Restic => new(_folder["repo"], Password);

    public void Dispose()
    {
        _raw.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_repository_of_ours_is_one_for_restic_and_the_other_way_round()
    {
        var (initialized, output) = await RunAsync(["init", "--json"]);
        var content = SeededBytes.Random("dump", 300_000);
        using (var input = new MemoryStream(content))
        {
            (
                await Restic.RunAsync(
                    ["backup", "--stdin", "--stdin-filename", "dumpfile.sql", "--host", "by-restic", "--tag", "a,b"],
                    input,
                    cancellationToken: Token
                )
            ).Succeeded();
        }

        var (listed, json) = await RunAsync(["snapshots", "--json", "--host", "by-restic", "--tag", "a"]);
        var (dumped, _) = await RunAsync(["dump", "latest", "/dumpfile.sql"]);
        var (table, text) = await RunAsync(["snapshots"]);

        var restic = JsonDocument
            .Parse((await Restic.RunAsync(["snapshots", "--json"], cancellationToken: Token)).Succeeded().Output)
            .RootElement[0];
        var ours = JsonDocument.Parse(json).RootElement[0];
        Assert.Equal((0, 0, 0, 0), (initialized, listed, dumped, table));
        Assert.Equal("initialized", JsonDocument.Parse(output).RootElement.GetProperty("message_type").GetString());
        foreach (
            var property in new[]
            {
                "time",
                "tree",
                "paths",
                "hostname",
                "username",
                "tags",
                "program_version",
                "summary",
                "id",
                "short_id",
            }
        )
        {
            Assert.Equal(restic.GetProperty(property).GetRawText(), ours.GetProperty(property).GetRawText());
        }

        Assert.Equal(content, _raw.ToArray());
        Assert.Contains(restic.GetProperty("short_id").GetString()!, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exit_codes_are_restics()
    {
        Assert.Equal(ExitCodes.NoRepository, (await RunAsync(["snapshots"])).ExitCode);
        Assert.Equal(0, (await RunAsync(["init"])).ExitCode);
        Assert.Equal(ExitCodes.Failed, (await RunAsync(["init"])).ExitCode);
        Assert.Equal(ExitCodes.WrongPassword, (await RunAsync(["snapshots"], password: "wrong")).ExitCode);
        Assert.Equal(ExitCodes.Failed, (await RunAsync(["dump", "latest", "/x"])).ExitCode);
        Assert.Equal(ExitCodes.Failed, (await RunAsync(["no-such-command"])).ExitCode);
        Assert.Equal(ExitCodes.Failed, (await RunAsync(["snapshots", "--no-such-flag"])).ExitCode);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, string password = Password)
    {
        var variables = new Dictionary<string, string>
        {
            ["RESTIC_REPOSITORY"] = _folder["repo"],
            ["RESTIC_PASSWORD"] = password,
        };
        await using var output = new StringWriter();
        using var services = new WorkerServices(
            WorkerOptions.From(variables.GetValueOrDefault),
            NullLogger.Instance,
            TimeProvider.System
        )
        {
            Out = output,
            Error = TextWriter.Null,
            RawOutput = () => new Unclosed(_raw),
        };
        return (await WorkerProgram.RunAsync(arguments, services, Token), output.ToString());
    }

    private sealed class Unclosed(Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => throw new NotSupportedException();
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);
    }
}
