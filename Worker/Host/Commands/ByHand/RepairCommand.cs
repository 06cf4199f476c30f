using System.CommandLine;
using Granary.Access;
using Granary.Engine.Checking;
using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;
using Granary.Worker.Progress;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>repair index</c>: makes the index agree with the packs again.</summary>
internal static class RepairCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("index", "Make the index agree with the packs again.");
        var all = Flag.Switch("--read-all-packs", "Trust no index; read every pack's header.");
        repository.AddTo(command);
        command.Options.Add(all);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var opened = await access.OpenAsync(cancellationToken);
                await using var held = await repository.LockForWritingAsync(
                    parsed,
                    access,
                    opened,
                    LockMode.Exclusive,
                    cancellationToken
                );
                var display = new ProgressDisplay(services);
                var plan = await display.RunAsync(progress =>
                    opened.PlanRepairIndexAsync(parsed.GetValue(all), held, progress, cancellationToken)
                );
                var result = await display.RunAsync(progress =>
                    opened.RepairIndexAsync(plan, held, progress, cancellationToken)
                );
                await services.Out.WriteLineAsync(
                    repository.IsJson(parsed)
                        ? Json.Line(
                            new PrintedRepair(
                                "repair_index",
                                PacksRead: result.PacksRead,
                                IndexesSaved: result.IndexesSaved,
                                IndexesDeleted: result.IndexesDeleted,
                                Damaged: result.Damaged,
                                Missing: plan.Missing.Select(pack => pack.ToString())
                            ),
                            PrintedJson.Default.PrintedRepair
                        )
                        : string.Join(
                            Environment.NewLine,
                            [
                                .. result.Damaged.Select(each => $"error: {each}"),
                                .. plan.Missing.Select(pack =>
                                    $"pack {pack} is not in the store; the index no longer names it"
                                ),
                                $"{result.PacksRead} packs indexed, {result.IndexesSaved} index files written, "
                                    + $"{result.IndexesDeleted} deleted",
                                .. plan.Missing.Count + result.Damaged.Count == 0
                                    ? (string[])[]
                                    :
                                    [
                                        "run check: it names the snapshots that need what is lost. Back the same "
                                            + "data up again, or forget them",
                                    ],
                            ]
                        )
                );
                return result.Damaged.Count == 0 ? ExitCodes.Success : ExitCodes.Incomplete;
            }
        );
        var group = new Command("repair", "Repair a repository.") { command };
        repository.AddTo(group);
        return group;
    }
}
