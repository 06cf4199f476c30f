using System.CommandLine;
using System.Globalization;
using Granary.Access;
using Granary.Api.Status;
using Granary.Metrics;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Steps.Maintenance;

namespace Granary.Worker.Commands.Steps;

/// <summary>
/// <c>maintain-repository</c>: what is done behind the backup of another namespace, in the Repository's own.
/// </summary>
internal static class MaintainRepositoryCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services)
    {
        var command = new Command(
            "maintain-repository",
            "Apply retention to a repository, check it, and write the status of its Repository object."
        );
        var storage = new StorageOptions();
        var retention = new RetentionOptions();
        var metrics = new MetricsFlags();
        var repository = Flag.Text("--repository", "Name of the Repository object.");
        var actions = Flag.Texts("--action", "What to do; may be given more than once, and is done in this order.");
        var prune = Flag.Switch("--prune", "Give back the space of what retention removed.");
        var dryRun = Flag.Switch("--dry-run", "Let retention only say what it would remove.");
        var sessionTime = Flag.Text("--session-time", "When the backup was asked for, as 2026-05-01T12:00:00Z.");
        var invokerKind = Flag.Text("--invoker-kind", "Kind of the invoker.");
        var invokerName = Flag.Text("--invoker-name", "Name of the invoker.");
        var invokerNamespace = Flag.Text("--invoker-namespace", "Namespace of the invoker.");
        var driver = Flag.Text("--driver", "What moves the invoker's data.");
        var report = Flag.Text("--report", "File to write the outcome of the actions to.");
        storage.AddTo(command);
        retention.AddTo(command);
        metrics.AddTo(command);
        foreach (
            var option in new Option[]
            {
                repository,
                actions,
                prune,
                dryRun,
                sessionTime,
                invokerKind,
                invokerName,
                invokerNamespace,
                driver,
                report,
            }
        )
        {
            command.Options.Add(option);
        }

        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var name = parsed.GetValue(repository) ?? "";
                var push = metrics.Read(parsed);
                var request = new CareRequest(
                    storage.Namespace(parsed, services),
                    name,
                    retention.Policy(parsed),
                    parsed.GetValue(prune),
                    parsed.GetValue(dryRun),
                    TimeOf(parsed.GetValue(sessionTime) ?? "", services),
                    push,
                    new MetricLabels(
                        parsed.GetValue(invokerKind) ?? "",
                        parsed.GetValue(invokerName) ?? "",
                        parsed.GetValue(invokerNamespace) ?? "",
                        parsed.GetValue(driver) ?? "",
                        name,
                        push.ExtraLabels
                    )
                );
                var settings = await storage.ReadAsync(parsed, services, cancellationToken);
                var outcomes = await RunAsync(
                    services,
                    request,
                    settings,
                    parsed.GetValue(actions) ?? [],
                    cancellationToken
                );
                if (parsed.GetValue(report) is { Length: > 0 } file)
                {
                    await File.WriteAllTextAsync(file, MaintenanceReport.Write(outcomes), cancellationToken);
                }

                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static async Task<IReadOnlyList<ActionOutcome>> RunAsync(
        WorkerServices services,
        CareRequest request,
        BackendSettings settings,
        IReadOnlyList<string> actions,
        CancellationToken cancellationToken
    )
    {
        await using var access = services.Access(settings);
        var care = new RepositoryCare(services, request, settings, access);
        var outcomes = new List<ActionOutcome>();
        foreach (var action in actions)
        {
            var outcome = await care.RunAsync(action, cancellationToken);
            outcomes.Add(outcome);
            if (!outcome.IsDone)
            {
                break;
            }
        }

        await care.WriteStatusAsync(cancellationToken);
        return outcomes;
    }

    private static DateTimeOffset TimeOf(string text, WorkerServices services) =>
        text.Length == 0 ? services.Time.GetUtcNow()
        : DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
        : throw new StepFailedException($"--session-time is '{text}'; it must be a time as 2026-05-01T12:00:00Z");
}
