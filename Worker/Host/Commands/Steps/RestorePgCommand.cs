using System.CommandLine;
using Granary.Api.Names;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Steps;
using Granary.Worker.Steps.Restore;

namespace Granary.Worker.Commands.Steps;

/// <summary><c>restore-pg</c>: the step of a restore Job that feeds a snapshot to a PostgreSQL server.</summary>
internal static class RestorePgCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services)
    {
        var command = new Command("restore-pg", "Restore a PostgreSQL server from a repository.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        var storage = new StorageOptions();
        var database = new DatabaseOptions();
        var hostname = Flag.Text("--hostname", "Host that is restored.");
        var sourceHost = Flag.Text("--source-hostname", "Host whose backup is restored; the host itself when absent.");
        var snapshot = Flag.Text("--snapshot", "Id of the snapshot, or latest.");
        var output = Flag.Text("--output-dir", "Where output.json goes; without one the result is printed.");
        storage.AddTo(command);
        database.AddTo(command);
        foreach (var option in new Option[] { hostname, sourceHost, snapshot, output })
        {
            command.Options.Add(option);
        }

        command.SetAction(
            (parsed, cancellationToken) =>
            {
                UnknownFlags.Warn(parsed, services);
                var @namespace = storage.Namespace(parsed, services);
                var flags = database.Read(parsed, @namespace, storage.ScratchDirectory(parsed));
                var host = parsed.GetValue(hostname) ?? "";
                var source = parsed.GetValue(sourceHost) is { Length: > 0 } given ? given : host;
                return new StepRunner(services).RunAsync(
                    parsed.GetValue(output) ?? "",
                    host.Length > 0 ? host : PodNames.DefaultHost,
                    flags.Target,
                    async token =>
                        await new RestoreStep(services).RunAsync(
                            new(
                                flags,
                                await storage.ReadAsync(parsed, services, token),
                                source,
                                parsed.GetValue(snapshot) ?? "",
                                database.Arguments(parsed),
                                @namespace
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
