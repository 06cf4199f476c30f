using System.CommandLine;
using Granary.Api;
using Granary.Engine.Archiving;
using Granary.Engine.Repositories;
using Granary.Worker.Postgres;
using Granary.Worker.Processes;

namespace Granary.Worker.Commands;

/// <summary><c>backup</c>: backs the standard input up, or what a command prints.</summary>
internal static class BackupCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services)
    {
        var command = new Command("backup", "Back up the standard input (--stdin), or what a command prints (-- command args…).");
        var repository = new RepositoryOptions();
        var stdin = Flag.Switch("--stdin", "Read the standard input. How its producer ended is not known then.");
        var name = Flag.Text("--stdin-filename", "The file's path in the snapshot.", "stdin");
        var host = Flag.Text("--host", "Host under which the snapshot is stored.", Environment.MachineName, "-H");
        var tags = Flag.Texts("--tag", "Tags, separated by commas.");
        var program = new Argument<string[]>("command") { Description = "A command whose output is backed up; any exit status but 0 fails the backup.", Arity = ArgumentArity.ZeroOrMore };
        repository.AddTo(command);
        foreach (var option in new Option[] { stdin, name, host, tags })
        {
            command.Options.Add(option);
        }

        command.Arguments.Add(program);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var line = parsed.GetValue(program) ?? [];
            if (parsed.GetValue(stdin) == line.Length > 0)
            {
                throw new StepFailedException("What is to be backed up? Give either --stdin, or -- and a command");
            }

            await using var access = repository.Access(parsed, services);
            var opened = await access.OpenAsync(cancellationToken);

            // A backup always locks: --no-lock is for reading.
            await using var held = await access.LockAsync(opened, LockMode.Shared, TimeSpan.Zero, cancellationToken);
            var indexed = await opened.LoadIndexAsync(cancellationToken);
            var options = new BackupOptions
            {
                Hostname = parsed.GetValue(host) ?? "",
                Username = access.Self.Username,
                Tags = [.. (parsed.GetValue(tags) ?? []).SelectMany(each => each.Split(',', StringSplitOptions.RemoveEmptyEntries))],
            };
            var path = parsed.GetValue(name) ?? "stdin";
            await using var output = line.Length == 0 ? null
                : new DumpSource(new ToolCommand(line[0], line[1..], new Dictionary<string, string?>()), path, services.Redactor, services.Log);
            ISource source = output is null ? new StandardInput(path) : output;
            var result = await indexed.BackupAsync([source], options, progress: null, held, cancellationToken);
            await services.Out.WriteLineAsync(repository.IsJson(parsed)
                ? Json.Line(new
                {
                    MessageType = "summary",
                    SnapshotId = result.SnapshotId.ToString(),
                    result.Summary.DataAdded,
                    result.Summary.DataAddedPacked,
                    result.Summary.TotalFilesProcessed,
                    result.Summary.TotalBytesProcessed,
                    TotalDuration = result.Duration.TotalSeconds,
                })
                : $"snapshot {result.SnapshotId.Short} saved: {StatusText.Size(result.Summary.TotalBytesProcessed)} read, {StatusText.Size(result.Summary.DataAddedPacked)} stored");
            return ExitCodes.Success;
        });
        return command;
    }

    private sealed class StandardInput(string path) : ISource
    {
        public string Path => path;

        public Task<Stream> OpenAsync(CancellationToken cancellationToken) => Task.FromResult(Console.OpenStandardInput());

        public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
