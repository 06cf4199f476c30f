using System.CommandLine;
using Granary.Api.Names;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Steps;
using Granary.Worker.Steps.Backup;

namespace Granary.Worker.Commands.Steps;

/// <summary><c>backup-pg</c>: the step of a backup Job that dumps a PostgreSQL server into the repository.</summary>
internal static class BackupPgCommand
{
    private static readonly string[] Retention =
    [
        "keep-last",
        "keep-hourly",
        "keep-daily",
        "keep-weekly",
        "keep-monthly",
        "keep-yearly",
        "keep-tags",
        "prune",
        "dry-run",
    ];

    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services)
    {
        var command = new Command("backup-pg", "Back a PostgreSQL server up into a repository.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        var storage = new StorageOptions();
        var database = new DatabaseOptions();
        var hostname = Flag.Text("--hostname", "Host under which the snapshot is stored.", PodNames.DefaultHost);
        var program = Flag.Text("--backup-cmd", "pg_dumpall or pg_dump.", "pg_dumpall");
        var session = Flag.Text("--backupsession", "BackupSession that this runs for.");
        var output = Flag.Text("--output-dir", "Where output.json goes; without one the result is printed.");
        storage.AddTo(command);
        database.AddTo(command);
        foreach (var option in new Option[] { hostname, program, session, output })
        {
            command.Options.Add(option);
        }

        // update-status applies the retention policy; the catalog tells it to this step as well.
        foreach (var unused in Retention)
        {
            command.Options.Add(
                new Option<string>($"--retention-{unused}") { Hidden = true, Arity = ArgumentArity.ZeroOrOne }
            );
        }

        command.SetAction(
            (parsed, cancellationToken) =>
            {
                UnknownFlags.Warn(parsed, services);
                var @namespace = storage.Namespace(parsed, services);
                var flags = database.Read(parsed, @namespace, storage.ScratchDirectory(parsed));
                var host = parsed.GetValue(hostname) ?? PodNames.DefaultHost;
                return new StepRunner(services).RunAsync(
                    parsed.GetValue(output) ?? "",
                    host,
                    flags.Target,
                    async token =>
                        await new BackupStep(services).RunAsync(
                            new(
                                flags,
                                await storage.ReadAsync(parsed, services, token),
                                host,
                                parsed.GetValue(program) ?? "",
                                database.Arguments(parsed),
                                @namespace,
                                parsed.GetValue(session) ?? ""
                            ),
                            token
                        ),
                    cancellationToken
                );
            }
        );
        return command;
    }
}
