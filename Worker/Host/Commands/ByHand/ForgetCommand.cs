using System.CommandLine;
using Granary.Access;
using Granary.Engine.Ids;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Retention;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;
using Granary.Worker.Progress;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>forget</c>: removes snapshots by a policy or by name.</summary>
internal static class ForgetCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command(
            "forget",
            "Remove snapshots that a policy does not keep, or the ones that are named."
        );
        var filter = new SnapshotOptions(services, hasShortHost: false);
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
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var options = pruning.Read(parsed, services);
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var opened = await access.OpenAsync(cancellationToken);
                PruneFlags.Verify(options, opened);
                var (ids, isDryRun, isJson) = (
                    parsed.GetValue(named) ?? [],
                    parsed.GetValue(dryRun),
                    repository.IsJson(parsed)
                );
                await using var held = await repository.LockToRemoveAsync(
                    parsed,
                    access,
                    opened,
                    isDryRun,
                    cancellationToken
                );
                var damaged = new DamagedSnapshots(services);
                var plan = await PlanAsync(
                    opened,
                    ids,
                    filter,
                    retention,
                    damaged,
                    parsed,
                    services,
                    cancellationToken
                );
                var run = new Run(
                    services,
                    opened,
                    plan,
                    ids.Length > 0 ? damaged.Ids : [],
                    parsed.GetValue(prune) ? options : null,
                    isJson
                );
                if (isDryRun || held is null)
                {
                    await run.EstimateAsync(held, cancellationToken);
                    return ids.Length > 0 ? ExitCodes.Success : damaged.ExitCode;
                }

                // A damaged snapshot that nobody named was neither judged nor removed.
                var isWhole = await run.RemoveAsync(held, cancellationToken);
                return isWhole && (ids.Length > 0 || damaged.Ids.Count == 0) ? ExitCodes.Success : ExitCodes.Incomplete;
            }
        );
        return command;
    }

    private static async Task<ForgetPlan> PlanAsync(
        OpenRepository opened,
        string[] named,
        SnapshotOptions filter,
        RetentionOptions retention,
        DamagedSnapshots damaged,
        ParseResult parsed,
        WorkerServices services,
        CancellationToken cancellationToken
    )
    {
        if (named.Length == 0)
        {
            var snapshots = await opened.SnapshotsAsync(filter.Read(parsed), damaged.Note, cancellationToken);
            return ForgetPlan.For(
                snapshots,
                retention.Policy(parsed),
                retention.Grouping(parsed),
                services.Time.GetUtcNow()
            );
        }

        return ForgetPlan.Exactly(await filter.FindAsync(parsed, opened, named, damaged, cancellationToken));
    }

    private static PrintedGroup GroupOf(ForgetGroup group) =>
        new(
            group.Tags is { Count: 0 } ? null : group.Tags,
            group.Host ?? "",
            group.Paths,
            group.Verdicts.Where(verdict => verdict.IsKept).Select(verdict => SnapshotJson.Of(verdict.Snapshot)),
            group.Verdicts.Where(verdict => !verdict.IsKept).Select(verdict => SnapshotJson.Of(verdict.Snapshot)),
            group
                .Verdicts.Where(verdict => verdict.IsKept)
                .Select(verdict => new PrintedReason(SnapshotJson.Of(verdict.Snapshot), verdict.Reasons))
        );

    /// <summary>What was done, or would be done where nothing was removed yet.</summary>
    private static string Text(ForgetPlan plan, IReadOnlyList<SnapshotId> unread, int? removedCount)
    {
        string[] lines =
        [
            .. TextTable.Lines([.. plan.Groups.SelectMany(group => group.Verdicts).Select(Row)]),
            .. unread.Select(id => $"remove {id.Short}  which cannot be read"),
        ];

        // Of snapshots that were named one by one nobody asked which ones stay.
        var removed = removedCount ?? plan.Remove.Count() + unread.Count;
        var counts = plan.Keep.Any() ? $"{plan.Keep.Count()} snapshots kept, {removed}" : $"{removed} snapshots";
        return string.Join(
            Environment.NewLine,
            [.. lines, $"{counts} {(removedCount is null ? "would be removed" : "removed")}"]
        );
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

    /// <summary>What follows once it is decided which snapshots go.</summary>
    /// <param name="services">The parts of the program.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="plan">The snapshots that go, and those that stay.</param>
    /// <param name="unread">Snapshots to remove that cannot be read.</param>
    /// <param name="pruning">How to prune afterwards; null for not at all.</param>
    /// <param name="isJson">Whether results are JSON.</param>
    private sealed class Run(
        WorkerServices services,
        OpenRepository repository,
        ForgetPlan plan,
        IReadOnlyList<SnapshotId> unread,
        PruneOptions? pruning,
        bool isJson
    )
    {
        private readonly ProgressDisplay _display = new(services);

        /// <summary>Says what would be removed and freed, and changes nothing.</summary>
        public async Task EstimateAsync(RepositoryLock? held, CancellationToken cancellationToken)
        {
            await DescribeAsync(removedCount: null);
            if (pruning is null || !plan.Remove.Any())
            {
                return;
            }

            var without = pruning with { Without = plan.Remove.Select(snapshot => snapshot.Id).ToHashSet() };
            var estimate = await _display.RunAsync(progress =>
                repository.PlanPruneAsync(without, held, progress, cancellationToken)
            );
            await services.Out.WriteLineAsync(PruneCommand.Describe(estimate.Statistics, result: null, isJson));
        }

        /// <summary>Removes the snapshots, and prunes if it is asked for and one of them went.</summary>
        /// <returns>Whether everything that had to go is gone.</returns>
        public async Task<bool> RemoveAsync(RepositoryLock held, CancellationToken cancellationToken)
        {
            var result = await _display.RunAsync(progress =>
                repository.ForgetAsync(plan, held, progress, cancellationToken)
            );
            var unreadLeft = await repository.ForgetUnreadAsync(unread, held, cancellationToken);
            var removed = result.Removed.Count + unread.Count - unreadLeft.Count;
            var failures = result
                .Failed.Select(failure => (Id: failure.Snapshot.Id.ToString(), failure.Reason))
                .Concat(unreadLeft.Select(failure => (Id: failure.File.Name, failure.Reason)))
                .ToList();
            await DescribeAsync(removed);
            foreach (var (id, reason) in failures)
            {
                await services.Out.WriteLineAsync(
                    isJson
                        ? Json.Line(new PrintedFailure("error", id, reason), PrintedJson.Default.PrintedFailure)
                        : $"could not remove snapshot {id[..8]}: {reason}"
                );
            }

            var isPruned = pruning is null || removed == 0 || await PruneAsync(pruning, held, cancellationToken);
            return isPruned && failures.Count == 0;
        }

        private async Task<bool> PruneAsync(
            PruneOptions options,
            RepositoryLock held,
            CancellationToken cancellationToken
        )
        {
            var prunePlan = await _display.RunAsync(progress =>
                repository.PlanPruneAsync(options, held, progress, cancellationToken)
            );
            var pruned = await _display.RunAsync(progress =>
                repository.PruneAsync(prunePlan, held, progress, cancellationToken)
            );
            await services.Out.WriteLineAsync(PruneCommand.Describe(pruned.Statistics, pruned, isJson));
            return pruned.Failed.Count == 0;
        }

        private Task DescribeAsync(int? removedCount) =>
            services.Out.WriteLineAsync(
                isJson
                    ? Json.Line(plan.Groups.Select(GroupOf), PrintedJson.Default.IEnumerablePrintedGroup)
                    : Text(plan, unread, removedCount)
            );
    }
}
