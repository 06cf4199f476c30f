using System.CommandLine;
using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Worker.Reporting;

namespace Granary.Worker.Commands;

/// <summary><c>forget</c>: removes snapshots by a policy or by name.</summary>
internal static class ForgetCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("forget", "Remove snapshots that a policy does not keep, or the ones that are named.");
        var filter = new SnapshotOptions(hasShortHost: false);
        var retention = new RetentionOptions();
        var pruning = new PruneFlags();
        var prune = Flag.Switch("--prune", "Prune afterwards, if a snapshot was removed.");
        var dryRun = Flag.Switch("--dry-run", "Remove nothing; say what would be removed.", false, "-n");
        var named = Flag.Words("snapshot", "Ids of snapshots to remove, whatever the policy.");
        repository.AddTo(command);
        filter.AddTo(command);
        retention.AddTo(command);
        pruning.AddTo(command);
        command.Options.Add(prune);
        command.Options.Add(dryRun);
        command.Arguments.Add(named);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = pruning.Read(parsed, services);
            await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
            var opened = await access.OpenAsync(cancellationToken);
            await using var held = await repository.LockForWritingAsync(parsed, access, opened, LockMode.Exclusive, cancellationToken);
            var plan = await PlanAsync(opened, parsed.GetValue(named) ?? [], filter, retention, parsed, services, cancellationToken);
            var display = new ProgressDisplay(services);
            var result = parsed.GetValue(dryRun) ? new ForgetResult([], []) : await display.RunAsync(progress => opened.ForgetAsync(plan, held, progress, cancellationToken));
            await services.Out.WriteLineAsync(repository.IsJson(parsed) ? Json.Line(plan.Groups.Select(GroupOf), PrintedJson.Default.IEnumerablePrintedGroup) : Text(plan, parsed.GetValue(dryRun) ? null : result));
            var isWhole = result.Failed.Count == 0;
            foreach (var failure in result.Failed)
            {
                await services.Out.WriteLineAsync(repository.IsJson(parsed)
                    ? Json.Line(new PrintedFailure("error", failure.Snapshot.Id.ToString(), failure.Reason), PrintedJson.Default.PrintedFailure)
                    : $"could not remove snapshot {failure.Snapshot.Id.Short}: {failure.Reason}");
            }

            if (parsed.GetValue(prune) && result.Removed.Count > 0)
            {
                var prunePlan = await display.RunAsync(progress => opened.PlanPruneAsync(options, held, progress, cancellationToken));
                var pruned = await display.RunAsync(progress => opened.PruneAsync(prunePlan, held, progress, cancellationToken));
                await services.Out.WriteLineAsync(PruneCommand.Describe(pruned.Statistics, pruned, repository.IsJson(parsed)));
                isWhole &= pruned.Failed.Count == 0;
            }
            else if (parsed.GetValue(prune) && parsed.GetValue(dryRun) && plan.Remove.Any())
            {
                var without = options with { Without = plan.Remove.Select(snapshot => snapshot.Id).ToHashSet() };
                var prunePlan = await display.RunAsync(progress => opened.PlanPruneAsync(without, held, progress, cancellationToken));
                await services.Out.WriteLineAsync(PruneCommand.Describe(prunePlan.Statistics, result: null, repository.IsJson(parsed)));
            }

            return isWhole ? ExitCodes.Success : ExitCodes.Incomplete;
        });
        return command;
    }

    private static async Task<ForgetPlan> PlanAsync(
        OpenRepository opened, string[] named, SnapshotOptions filter, RetentionOptions retention, ParseResult parsed, WorkerServices services,
        CancellationToken cancellationToken)
    {
        if (named.Length == 0)
        {
            var snapshots = await opened.SnapshotsAsync(filter.Read(parsed), cancellationToken);
            return ForgetPlan.For(snapshots, retention.Policy(parsed), retention.Grouping(parsed), services.Time.GetUtcNow());
        }

        return ForgetPlan.Exactly(await filter.FindAsync(parsed, opened, named, cancellationToken));
    }

    private static PrintedGroup GroupOf(ForgetGroup group) => new(
        group.Tags is { Count: 0 } ? null : group.Tags,
        group.Host ?? "",
        group.Paths,
        group.Verdicts.Where(verdict => verdict.IsKept).Select(verdict => SnapshotJson.Of(verdict.Snapshot)),
        group.Verdicts.Where(verdict => !verdict.IsKept).Select(verdict => SnapshotJson.Of(verdict.Snapshot)),
        group.Verdicts.Where(verdict => verdict.IsKept).Select(verdict => new PrintedReason(SnapshotJson.Of(verdict.Snapshot), verdict.Reasons)));

    /// <summary>What was done, or would be done where there is no result.</summary>
    private static string Text(ForgetPlan plan, ForgetResult? result)
    {
        var lines = TextTable.Lines([.. plan.Groups.SelectMany(group => group.Verdicts).Select(Row)]);

        // Of snapshots that were named one by one nobody asked which ones stay.
        var removed = result?.Removed.Count ?? plan.Remove.Count();
        var counts = plan.Keep.Any() ? $"{plan.Keep.Count()} snapshots kept, {removed}" : $"{removed} snapshots";
        return string.Join(Environment.NewLine, [.. lines, $"{counts} {(result is null ? "would be removed" : "removed")}"]);
    }

    private static string[] Row(RetentionVerdict<Snapshot> verdict) =>
    [
        $"{(verdict.IsKept ? "keep  " : "remove")} {verdict.Snapshot.Id.Short}",
        SnapshotsCommand.LocalTime(verdict.Snapshot),
        verdict.Snapshot.Record.Hostname,
        string.Join(',', verdict.Snapshot.Record.Tags),
        string.Join(", ", verdict.Snapshot.Record.Paths),
        string.Join(", ", verdict.Reasons),
    ];
}
