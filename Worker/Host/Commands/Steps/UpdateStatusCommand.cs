using System.CommandLine;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Steps.Backup;
using Granary.Worker.Steps.Restore;
using Granary.Worker.Steps.UpdateStatus;

namespace Granary.Worker.Commands.Steps;

/// <summary><c>update-status</c>: the last step of backup and restore Jobs.</summary>
internal static class UpdateStatusCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services)
    {
        var command = new Command(
            "update-status",
            "Report what a backup or restore step did, and look after the repository."
        )
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        var storage = new StorageOptions();
        var session = Flag.Text("--backupsession", "BackupSession that this runs for; without one it is a restore.");
        var invokerKind = Flag.Text("--invoker-kind", "Kind of the invoker.");
        var invokerName = Flag.Text("--invoker-name", "Name of the invoker.");
        var targetKind = Flag.Text("--target-kind", "Kind of the target.");
        var targetName = Flag.Text("--target-name", "Name of the target.");
        var targetNamespace = Flag.Text("--target-namespace", "Namespace of the target.");
        var output = Flag.Text(
            "--output-dir",
            $"Where the step before left {PodNames.OutputFile}.",
            PodNames.OutputDir
        );
        var metrics = new MetricsFlags();
        storage.AddTo(command);
        metrics.AddTo(command);
        foreach (
            var option in new Option[]
            {
                session,
                invokerKind,
                invokerName,
                targetKind,
                targetName,
                targetNamespace,
                output,
            }
        )
        {
            command.Options.Add(option);
        }

        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                UnknownFlags.Warn(parsed, services);
                var @namespace = storage.Namespace(parsed, services);
                var kind = parsed.GetValue(targetKind) ?? "";
                var request = new UpdateRequest(
                    @namespace,
                    parsed.GetValue(session) ?? "",
                    parsed.GetValue(invokerKind) ?? "",
                    parsed.GetValue(invokerName) ?? "",
                    new TargetRef
                    {
                        ApiVersion = kind == Kinds.AppBinding ? Kinds.AppBindingApiVersion : null,
                        Kind = kind,
                        Name = parsed.GetValue(targetName) ?? "",
                        Namespace = parsed.GetValue(targetNamespace) is { Length: > 0 } given ? given : @namespace,
                    },
                    parsed.GetValue(output) ?? "",
                    metrics.Read(parsed)
                );
                if (request.Session.Length > 0)
                {
                    await new BackupEpilogue(services).RunAsync(
                        request,
                        token => storage.ReadAsync(parsed, services, token),
                        cancellationToken
                    );
                }
                else
                {
                    await new RestoreEpilogue(services).RunAsync(request, cancellationToken);
                }

                return ExitCodes.Success;
            }
        );
        return command;
    }
}
