using System.CommandLine;
using Granary.Api.Names;
using Granary.Worker.Cluster;
using Granary.Worker.Commands.Flags;

namespace Granary.Worker.Commands.Steps;

/// <summary><c>create-backupsession</c>: what the trigger CronJob runs at each slot.</summary>
internal static class CreateBackupSessionCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services)
    {
        var command = new Command("create-backupsession", "Create a BackupSession for an invoker.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        var name = Flag.Text("--invoker-name", "Name of the BackupConfiguration or BackupBatch.");
        var kind = Flag.Text("--invoker-kind", "BackupConfiguration or BackupBatch.", Kinds.BackupConfiguration);
        var @namespace = Flag.Text("--namespace", "Its namespace; that of the Pod when absent.");
        foreach (var option in new Option[] { name, kind, @namespace })
        {
            command.Options.Add(option);
        }

        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                UnknownFlags.Warn(parsed, services);
                var where = parsed.GetValue(@namespace) is { Length: > 0 } given
                    ? given
                    : services.Options.PodNamespace
                        ?? throw new StepFailedException("Which namespace? Give --namespace, or set POD_NAMESPACE");
                await new SessionTrigger(services).CreateAsync(
                    parsed.GetValue(kind) ?? "",
                    where,
                    parsed.GetValue(name) ?? "",
                    cancellationToken
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }
}
