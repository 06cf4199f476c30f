using System.CommandLine;
using Granary.Access;
using Granary.Api.Status;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;
using Granary.Worker.Progress;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>prune</c>: removes data that no snapshot needs.</summary>
internal static class PruneCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("prune", "Remove data that no snapshot needs.");
        var flags = new PruneFlags();
        var dryRun = Flag.Switch("--dry-run", "Remove nothing; say what would be removed.", false, "-n");
        repository.AddTo(command);
        flags.AddTo(command);
        command.Options.Add(dryRun);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var options = flags.Read(parsed, services);
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var opened = await access.OpenAsync(cancellationToken);
                PruneFlags.Verify(options, opened);
                await using var held = await repository.LockToRemoveAsync(
                    parsed,
                    access,
                    opened,
                    parsed.GetValue(dryRun),
                    cancellationToken
                );
                var display = new ProgressDisplay(services);
                var plan = await display.RunAsync(progress =>
                    opened.PlanPruneAsync(options, held, progress, cancellationToken)
                );
                var result =
                    parsed.GetValue(dryRun) || held is null
                        ? null
                        : await display.RunAsync(progress =>
                            opened.PruneAsync(plan, held, progress, cancellationToken)
                        );
                await services.Out.WriteLineAsync(Describe(plan.Statistics, result, repository.IsJson(parsed)));
                return result is { Failed.Count: > 0 } ? ExitCodes.Incomplete : ExitCodes.Success;
            }
        );
        return command;
    }

    /// <summary>What a prune did, or would do where there is no result.</summary>
    public static string Describe(PruneStatistics statistics, PruneResult? result, bool isJson) =>
        isJson
            ? Json.Line(
                new PrintedPrune(
                    "prune",
                    DryRun: result is null,
                    statistics,
                    PacksDeleted: result?.PacksDeleted,
                    BytesFreed: result?.BytesFreed,
                    BlobsRepacked: result?.BlobsRepacked,
                    Failed: result?.Failed.Select(each => new PrintedFailedDelete(each.File.ToString(), each.Reason))
                ),
                PrintedJson.Default.PrintedPrune
            )
            : string.Join(
                Environment.NewLine,
                [
                    .. (result?.Failed ?? []).Select(each => $"could not delete {each.File}: {each.Reason}"),
                    $"{statistics.BlobsUsed} blobs used, {statistics.BlobsUnused} unused, "
                        + $"{statistics.BlobsDuplicate} duplicate",
                    $"{StatusText.Size(result?.BytesFreed ?? statistics.BytesFreed)} "
                        + $"{(result is null ? "would be freed" : "freed")}, "
                        + $"{StatusText.Size(statistics.BytesRepacked)} of packs "
                        + $"{(result is null ? "to repack" : "repacked")}",
                    $"{StatusText.Size(statistics.BytesUnusedAfter)} unused in {statistics.PacksKept} packs that stay",
                    .. result is null
                        ? Array.Empty<string>()
                        : [$"{result.PacksDeleted} packs deleted, {result.Failed.Count} could not be deleted"],
                ]
            );
}
