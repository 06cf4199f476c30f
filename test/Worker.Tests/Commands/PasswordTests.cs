using Granary.TestSupport;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Commands;

/// <summary>
/// Where a password comes from, and what belongs to it: what restic opens with it, we open, and the other way round.
/// </summary>
public sealed class PasswordTests : IDisposable
{
    private readonly HandyWorker _worker = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _worker.Dispose();

    [Theory]
    [InlineData("second")]
    [InlineData("second\n")]
    [InlineData("second\r\n\r\n")]
    [InlineData("  second \t\n")]
    [InlineData("\uFEFFsecond\n")]
    [InlineData("two words \n")]
    public async Task White_space_around_a_password_in_a_file_is_not_part_of_it_for_us_and_restic(string text)
    {
        await _worker.JsonAsync("init");
        await File.WriteAllTextAsync(_worker.Folder["password"], text, Token);

        var passwd = await _worker.JsonAsync("key", "passwd", "--new-password-file", _worker.Folder["password"]);

        var ours = await _worker.JsonAsync("key", "list", "--password-file", _worker.Folder["password"]);
        var restic = await _worker.Restic.RunAsync(
            ["list", "keys", "--no-lock", "--password-file", _worker.Folder["password"]],
            cancellationToken: Token
        );
        Assert.Equal((string)passwd["id"]!, (string)Assert.Single(ours.AsArray())!["id"]!);
        Assert.Equal((string)passwd["id"]!, restic.Succeeded().Output.Trim());
        Assert.Equal(ExitCodes.WrongPassword, (await _worker.RunAsync("key", "list")).ExitCode);
        _worker.Variables["RESTIC_PASSWORD"] = text.Trim('\uFEFF').Trim();
        (await _worker.RunAsync("key", "list")).Succeeded();
    }

    /// <remarks>In a Secret's value and in a variable every character counts, for restic as well.</remarks>
    [Fact]
    public async Task A_password_in_a_variable_is_taken_as_it_is()
    {
        _worker.Variables["RESTIC_PASSWORD"] = "with a newline\n";
        await _worker.JsonAsync("init");

        var restic = new ResticCli(_worker.Repository, "with a newline\n");

        (await restic.RunAsync(["list", "keys", "--no-lock"], cancellationToken: Token)).Succeeded();
        _worker.Variables["RESTIC_PASSWORD"] = "with a newline";
        Assert.Equal(ExitCodes.WrongPassword, (await _worker.RunAsync("key", "list")).ExitCode);
    }

    /// <remarks>What stood for such bytes would be another password, which restic could not give.</remarks>
    [Fact]
    public async Task A_password_that_is_no_text_is_refused_wherever_it_is_from()
    {
        await _worker.JsonAsync("init");
        await File.WriteAllBytesAsync(_worker.Folder["password"], [(byte)'p', 0xE4, (byte)'s', (byte)'s'], Token);

        foreach (
            var arguments in (string[][])
                [
                    ["key", "list", "--password-file", _worker.Folder["password"]],
                    ["key", "list", "--password-command", $"cat {_worker.Folder["password"]}"],
                    ["key", "passwd", "--new-password-file", _worker.Folder["password"]],
                ]
        )
        {
            var refused = await _worker.RunAsync(arguments);

            Assert.Equal(ExitCodes.Failed, refused.ExitCode);
            Assert.Contains("not UTF-8", refused.Log, StringComparison.Ordinal);
        }

        (await _worker.RunAsync("key", "list")).Succeeded();
    }

    [Fact]
    public async Task A_key_may_be_named_that_is_to_be_tried_first()
    {
        await _worker.JsonAsync("init");
        await File.WriteAllTextAsync(_worker.Folder["same"], HandyWorker.Password, Token);
        await _worker.JsonAsync("key", "add", "--new-password-file", _worker.Folder["same"]);

        foreach (var id in await _worker.ListAsync("keys"))
        {
            var byFlag = await _worker.JsonAsync("key", "list", "--key-hint", id[..10]);
            _worker.Variables["RESTIC_KEY_HINT"] = id;
            var byVariable = await _worker.JsonAsync("key", "list");
            _worker.Variables.Remove("RESTIC_KEY_HINT");

            Assert.Equal(id, (string)byFlag.AsArray().Single(key => (bool)key!["current"]!)!["id"]!);
            Assert.Equal(id, (string)byVariable.AsArray().Single(key => (bool)key!["current"]!)!["id"]!);
        }
    }

    [Fact]
    public async Task A_command_may_print_the_password()
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync([1, 2, 3]);
        _worker.Variables.Remove("RESTIC_PASSWORD");

        // A command that reads would swallow the backup.
        var backup = await _worker.RunAsync(
            [4, 5, 6, 7],
            null,
            "backup",
            "--stdin",
            "--json",
            "--password-command",
            $"cat; echo '{HandyWorker.Password} '"
        );
        _worker.Variables["RESTIC_PASSWORD_COMMAND"] = $"echo {HandyWorker.Password}";
        var byVariable = await _worker.JsonAsync("snapshots");
        var failed = await _worker.RunAsync("snapshots", "--password-command", "echo some-secret; exit 3");

        Assert.Equal(4, (long)backup.Succeeded().Json["total_bytes_processed"]!);
        Assert.Equal(2, byVariable.AsArray().Count);
        Assert.Equal(ExitCodes.Failed, failed.ExitCode);
        Assert.Contains(
            "--password-command: the command failed with exit status 3",
            failed.Log,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("some-secret", failed.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/no/such/file", "key", "add", "--new-password-file", "/no/such/file")]
    [InlineData("holds no password", "key", "add", "--new-password-file", "EMPTY")]
    [InlineData("holds no password", "key", "passwd", "--new-password-file", "EMPTY")]
    [InlineData("holds no password", "snapshots", "--password-file", "EMPTY")]
    [InlineData("holds no password", "snapshots", "--password-command", "echo")]
    [InlineData("give one of them", "snapshots", "--password-command", "echo", "--password-file", "EMPTY")]
    public async Task No_password_is_no_password(string words, params string[] arguments)
    {
        await _worker.JsonAsync("init");
        await File.WriteAllTextAsync(_worker.Folder["empty"], " \n", Token);

        var outcome = await _worker.RunAsync([
            .. arguments.Select(argument => argument == "EMPTY" ? _worker.Folder["empty"] : argument),
        ]);

        Assert.Equal(ExitCodes.Failed, outcome.ExitCode);
        Assert.Contains(words, outcome.Log, StringComparison.Ordinal);
        Assert.Single(await _worker.ListAsync("keys"));
    }

    [Fact]
    public async Task Without_a_password_all_ways_to_give_one_are_told()
    {
        _worker.Variables.Remove("RESTIC_PASSWORD");

        var outcome = await _worker.RunAsync("init");

        Assert.Equal(ExitCodes.Failed, outcome.ExitCode);
        Assert.Contains("--password-file", outcome.Log, StringComparison.Ordinal);
        Assert.Contains("RESTIC_PASSWORD_COMMAND", outcome.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_locks_and_snapshots_name_who_runs_the_program()
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync([1, 2, 3]);

        var key = Assert.Single((await _worker.JsonAsync("key", "list")).AsArray())!;
        var theirs = System.Text.Json.Nodes.JsonNode.Parse(
            (await _worker.Restic.RunAsync(["key", "list", "--json"], cancellationToken: Token)).Succeeded().Output
        )![0]!;

        Assert.Equal(Environment.UserName, (string)key["userName"]!);
        Assert.Equal(Environment.UserName, (string)(await _worker.JsonAsync("snapshots"))[0]!["username"]!);
        Assert.Equal((string)theirs["created"]!, (string)key["created"]!);
    }
}
