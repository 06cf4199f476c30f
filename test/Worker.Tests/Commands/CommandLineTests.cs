using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Commands;

/// <summary>What a person may type, and what becomes of slips.</summary>
public sealed class CommandLineTests : IAsyncLifetime
{
    private readonly HandyWorker _worker = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync([1], "--tag", "first");
        await _worker.BackupAsync([2]);
        (await _worker.RunAsync("backup", "--command", "db.sql=echo 3", "--host", "host-1")).Succeeded();
    }

    public ValueTask DisposeAsync()
    {
        _worker.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("from-variable")]
    [InlineData("from-flag", "--host", "from-flag")]
    public async Task A_backup_is_of_the_host_of_the_environment_unless_a_flag_names_another(
        string host,
        params string[] flags
    )
    {
        _worker.Variables["RESTIC_HOST"] = "from-variable";

        (await _worker.RunAsync(["backup", "--command", "db.sql=echo 4", .. flags])).Succeeded();

        Assert.Single((await _worker.JsonAsync("snapshots", "--host", host)).AsArray());
    }

    [Fact]
    public async Task What_scripts_for_restic_say_of_its_cache_and_certificates_is_understood()
    {
        Assert.Equal(3, (await _worker.JsonAsync("snapshots", "--no-cache")).AsArray().Count);
        _worker.Variables["RESTIC_CACERT"] = _worker.Folder["no-such-file"];

        var outcome = await _worker.RunAsync("snapshots");

        Assert.Equal(ExitCodes.Failed, outcome.ExitCode);
        Assert.Contains("RESTIC_CACERT: ", outcome.Log, StringComparison.Ordinal);
    }

    /// <remarks>
    /// <c>forget --host $HOST --keep-last 1</c> with a variable that is not set must not go for the snapshots of every
    /// host.
    /// </remarks>
    [Theory]
    [InlineData("--host has no value", "forget", "--host", "--keep-last", "1")]
    [InlineData("--host has no value", "forget", "--host", "--dry-run", "--keep-last", "1")]
    [InlineData("--host is empty", "forget", "--host=", "--keep-last", "1")]
    [InlineData("--host is empty", "forget", "--host", "", "--keep-last", "1")]
    [InlineData("--path is empty", "forget", "--path=", "--keep-last", "1")]
    [InlineData("--path has no value", "forget", "--path", "--prune", "--keep-last", "1")]
    [InlineData("--tag", "forget", "--keep-last", "1", "--tag")]
    [InlineData("--keep-tag", "forget", "--keep-last", "1", "--keep-tag")]
    [InlineData("--keep-tag has no value", "forget", "--keep-last", "1", "--keep-tag", "-n")]
    [InlineData("--option", "forget", "--keep-last", "1", "--option")]
    public async Task A_flag_whose_value_got_lost_is_refused(string words, params string[] arguments)
    {
        var outcome = await _worker.RunAsync(arguments);

        Assert.Equal(ExitCodes.Failed, outcome.ExitCode);
        Assert.Contains(words, outcome.Log, StringComparison.Ordinal);
        Assert.Equal(3, (await _worker.JsonAsync("snapshots")).AsArray().Count);
    }

    [Theory]
    [InlineData("'--no-such'", "snapshots", "--no-such=secret", "--json")]
    [InlineData("'--no-such'", "stats", "--no-such")]
    [InlineData("'--no-such'", "forget", "--no-such", "--keep-last", "1")]
    [InlineData("'--archive'", "dump", "--archive", "latest", "/db.sql")]
    [InlineData("'-x'", "list", "-x")]
    [InlineData("no-such-command", "no-such-command")]
    [InlineData("--limit-upload", "snapshots", "--limit-upload", "fast")]
    public async Task What_no_command_knows_is_told_on_the_standard_error_by_name(
        string words,
        params string[] arguments
    )
    {
        var outcome = await _worker.RunAsync(arguments);

        Assert.Equal((ExitCodes.Failed, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(words, outcome.Log, StringComparison.Ordinal);
        Assert.Contains("Usage:", outcome.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", outcome.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_that_was_asked_for_is_a_result()
    {
        var help = (await _worker.RunAsync("forget", "--help")).Succeeded();

        Assert.Contains("Usage:", help.Output, StringComparison.Ordinal);
        Assert.Empty(help.Log);
    }

    [Theory]
    [InlineData("--stream path=", "backup", "FILE")]
    [InlineData("no flag --dry-run", "backup", "--dry-run", "--command", "x=date")]
    [InlineData("no flag --token", "backup", "--token=secret", "--", "date")]
    [InlineData("--stream path=", "backup", "FILE", "--", "date")]
    public async Task Backup_runs_nothing_that_does_not_stand_behind_dashes(string words, params string[] arguments)
    {
        var (script, trace) = (_worker.Folder["clean.sh"], _worker.Folder["it-ran"]);
        await File.WriteAllTextAsync(script, $"#!/bin/sh\ntouch {trace}\n", Token);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var backup = await _worker.RunAsync([.. arguments.Select(argument => argument == "FILE" ? script : argument)]);

        Assert.Equal(ExitCodes.Failed, backup.ExitCode);
        Assert.Contains(words, backup.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", backup.Log, StringComparison.Ordinal);
        Assert.False(File.Exists(trace));
        Assert.Equal(3, (await _worker.JsonAsync("snapshots")).AsArray().Count);
    }

    [Fact]
    public async Task A_commands_failure_names_the_stream_and_what_it_was_given_stays_secret()
    {
        var backup = await _worker.RunAsync(
            "backup",
            "--command",
            "good=echo good",
            "--command",
            "shop.sql=PGPASSWORD=hidden sh -c 'exit 3'"
        );

        Assert.Equal(ExitCodes.Failed, backup.ExitCode);
        Assert.Contains("shop.sql: sh failed with exit status 3", backup.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", backup.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--command", "same=echo 1", "--command", "/same=echo 2")]
    [InlineData("--command", "..=echo 1")]
    public async Task A_path_that_cannot_be_is_refused_without_words_for_programmers(params string[] streams)
    {
        var backup = await _worker.RunAsync(["backup", .. streams]);

        Assert.Equal(ExitCodes.Failed, backup.ExitCode);
        Assert.Contains("path", backup.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", backup.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("snapshots", "--json")]
    [InlineData("key", "list", "--json")]
    [InlineData("list", "packs")]
    public async Task Where_the_repository_is_may_stand_before_the_command(params string[] command)
    {
        var behind = (await _worker.RunAsync(command)).Succeeded();
        _worker.Variables.Remove("RESTIC_REPOSITORY");
        _worker.Variables.Remove("RESTIC_PASSWORD");
        await File.WriteAllTextAsync(_worker.Folder["password"], HandyWorker.Password, Token);

        var before = (
            await _worker.RunAsync([
                "-r",
                _worker.Repository,
                "--password-file",
                _worker.Folder["password"],
                .. command,
            ])
        ).Succeeded();

        Assert.Equal(behind.Output, before.Output);
    }

    [Fact]
    public async Task The_repository_may_be_named_by_a_file()
    {
        _worker.Variables.Remove("RESTIC_REPOSITORY");
        await File.WriteAllTextAsync(_worker.Folder["where"], $"{_worker.Repository}\n", Token);

        var byFlag = await _worker.JsonAsync("snapshots", "--repository-file", _worker.Folder["where"]);
        _worker.Variables["RESTIC_REPOSITORY_FILE"] = _worker.Folder["where"];
        var byVariable = await _worker.JsonAsync("snapshots");
        var both = await _worker.RunAsync(
            "snapshots",
            "--repository-file",
            _worker.Folder["where"],
            "--repo",
            _worker.Repository
        );
        _worker.Variables["RESTIC_REPOSITORY"] = _worker.Repository;
        var bothVariables = await _worker.RunAsync("snapshots");

        Assert.Equal((3, 3), (byFlag.AsArray().Count, byVariable.AsArray().Count));
        Assert.Equal((ExitCodes.Failed, ExitCodes.Failed), (both.ExitCode, bothVariables.ExitCode));
        Assert.Contains("--repository-file", both.Log, StringComparison.Ordinal);
        Assert.Contains("RESTIC_REPOSITORY_FILE", bothVariables.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-l", "1")]
    [InlineData("-H", "1")]
    [InlineData("-d", "1")]
    [InlineData("-w", "1")]
    [InlineData("-m", "1")]
    [InlineData("-y", "1")]
    [InlineData("-l", "1", "--group-by=")]
    [InlineData("-l", "1", "-g", "tags")]
    [InlineData("-l", "1", "--host", "host-0", "--tag", "")]
    public async Task Forget_takes_restics_short_flags_and_prints_its_groups(params string[] flags)
    {
        var theirs = System
            .Text.Json.Nodes.JsonNode.Parse(
                (await _worker.Restic.RunAsync(["forget", "--dry-run", "--json", .. flags], cancellationToken: Token))
                    .Succeeded()
                    .Output
            )!
            .AsArray();

        var ours = (await _worker.JsonAsync(["forget", "--dry-run", .. flags])).AsArray();

        Assert.Equal(theirs.Count, ours.Count);
        foreach (var property in new[] { "tags", "host", "paths", "keep" })
        {
            Assert.Equal(
                theirs
                    .Select(group => $"{property}: {group!.AsObject()[property]?.ToJsonString()}")
                    .Order(StringComparer.Ordinal),
                ours.Select(group => $"{property}: {Present(group!.AsObject(), property)?.ToJsonString()}")
                    .Order(StringComparer.Ordinal)
            );
        }
    }

    [Theory]
    [InlineData("--max-unused", "x", "it must be x%, a size")]
    [InlineData("--max-repack-size", "x", "a size such as 500M")]
    [InlineData("--max-repack-size", "1/2", "a size such as 500M")]
    [InlineData("--repack-smaller-than", "5%", "a size such as 10M")]
    public async Task A_limit_that_is_none_is_named_with_what_it_takes(string flag, string value, string words)
    {
        var prune = await _worker.RunAsync("prune", flag, value);

        Assert.Equal(ExitCodes.Failed, prune.ExitCode);
        Assert.Contains($"{flag} is '{value}'", prune.Log, StringComparison.Ordinal);
        Assert.Contains(words, prune.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4294967298")]
    [InlineData("3")]
    [InlineData("")]
    public async Task A_version_that_is_none_makes_no_repository(string version)
    {
        var init = await _worker.RunAsync("init", "--repo", _worker.Folder["other"], "--repository-version", version);

        Assert.Equal(ExitCodes.Failed, init.ExitCode);
        Assert.Contains("1, 2, stable or latest", init.Log, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_worker.Folder["other"]));
    }

    private static System.Text.Json.Nodes.JsonNode? Present(System.Text.Json.Nodes.JsonObject group, string property) =>
        group.TryGetPropertyValue(property, out var value)
            ? value
            : throw new InvalidOperationException($"There is no {property}.");
}
