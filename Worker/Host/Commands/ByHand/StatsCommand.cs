using System.CommandLine;
using System.Globalization;
using Granary.Access;
using Granary.Api.Status;
using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;
using Granary.Worker.Progress;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>stats</c>: measures snapshots.</summary>
internal static class StatsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("stats", "Measure snapshots.");
        var filter = new SnapshotOptions(services);
        var mode = Flag.Text("--mode", "restore-size, files-by-contents, blobs-per-file or raw-data.", "restore-size");
        repository.AddTo(command);
        filter.AddTo(command);
        var named = Flag.Words("snapshot", "Ids of snapshots, or latest; all that the flags choose when absent.");
        command.Options.Add(mode);
        command.Arguments.Add(named);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var chosen = Mode(parsed.GetValue(mode) ?? "");
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var opened = await access.OpenAsync(cancellationToken);
                await using var held = await repository.LockAsync(
                    parsed,
                    access,
                    opened,
                    LockMode.Shared,
                    cancellationToken
                );
                var damaged = new DamagedSnapshots(services);
                var snapshots = await filter.FindAsync(
                    parsed,
                    opened,
                    parsed.GetValue(named) ?? [],
                    damaged,
                    cancellationToken
                );
                var stats = await new ProgressDisplay(services).RunAsync(async progress =>
                    await (await opened.LoadIndexAsync(cancellationToken)).StatsAsync(
                        snapshots,
                        chosen,
                        progress,
                        cancellationToken
                    )
                );
                await services.Out.WriteLineAsync(
                    repository.IsJson(parsed) ? Json.Line(stats, PrintedJson.Default.RepositoryStats) : Text(stats)
                );
                return damaged.ExitCode;
            }
        );
        return command;
    }

    private static StatsMode Mode(string text) =>
        text switch
        {
            "restore-size" => StatsMode.RestoreSize,
            "files-by-contents" => StatsMode.FilesByContents,
            "blobs-per-file" => StatsMode.BlobsPerFile,
            "raw-data" => StatsMode.RawData,
            _ => throw new StepFailedException(
                $"--mode is '{text}'; it must be restore-size, files-by-contents, blobs-per-file or raw-data"
            ),
        };

    private static string Text(RepositoryStats stats) =>
        string.Join(
            Environment.NewLine,
            [
                $"{stats.SnapshotsCount} snapshots, {stats.TotalFileCount} files, {stats.TotalBlobCount} blobs, "
                    + $"{StatusText.Size(stats.TotalSize)}",
                .. stats.TotalUncompressedSize is { } uncompressed
                    ? [$"{StatusText.Size(uncompressed)} uncompressed"]
                    : Array.Empty<string>(),
                .. stats.CompressionRatio is { } ratio
                    ?
                    [
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"compression ratio {ratio:0.00}x, {stats.CompressionSpaceSaving:0.00}% saved, "
                                + $"{stats.CompressionProgress:0.00}% compressed"
                        ),
                    ]
                    : Array.Empty<string>(),
            ]
        );
}
