using System.CommandLine;
using System.Globalization;
using Granary.Access;
using Granary.Api.Status;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>snapshots</c>: lists snapshots.</summary>
internal static class SnapshotsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("snapshots", "List snapshots.");
        var filter = new SnapshotOptions(services);
        repository.AddTo(command);
        var latest = Flag.Number("--latest", "Only the newest so many of each host and paths; 0 for all.");
        var named = Flag.Words("snapshot", "Ids of snapshots, or latest; all that the flags choose when absent.");
        filter.AddTo(command);
        command.Options.Add(latest);
        command.Arguments.Add(named);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
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
                var snapshots = Newest(
                    await filter.FindAsync(parsed, opened, parsed.GetValue(named) ?? [], damaged, cancellationToken),
                    (int)Math.Min(parsed.GetValue(latest), int.MaxValue)
                );
                await services.Out.WriteLineAsync(
                    repository.IsJson(parsed)
                        ? Json.Line(snapshots.Select(SnapshotJson.Of), PrintedJson.Default.IEnumerablePrintedSnapshot)
                        : Table(snapshots)
                );
                return damaged.ExitCode;
            }
        );
        return command;
    }

    private static IReadOnlyList<Snapshot> Newest(IReadOnlyList<Snapshot> snapshots, int count) =>
        count == 0
            ? snapshots
            :
            [
                .. snapshots
                    .GroupBy(snapshot =>
                        (
                            snapshot.Record.Hostname,
                            string.Join('\0', snapshot.Record.Paths.Order(StringComparer.Ordinal))
                        )
                    )
                    .SelectMany(group => group.OrderBy(snapshot => snapshot.Record.Time).TakeLast(count))
                    .OrderBy(snapshot => snapshot.Record.Time),
            ];

    private static string Table(IReadOnlyList<Snapshot> snapshots) =>
        string.Join(
            Environment.NewLine,
            [
                .. TextTable.Lines([
                    ["ID", "Time", "Host", "Tags", "Size", "Paths"],
                    .. snapshots.Select(snapshot =>
                        new[]
                        {
                            snapshot.Id.Short,
                            LocalTime(snapshot),
                            snapshot.Record.Hostname,
                            string.Join(',', snapshot.Record.Tags),
                            Size(snapshot),
                            string.Join(", ", snapshot.Record.Paths),
                        }
                    ),
                ]),
                $"{snapshots.Count} snapshots",
            ]
        );

    /// <summary>When a snapshot was made, by the clock of whoever reads it.</summary>
    public static string LocalTime(Snapshot snapshot) =>
        snapshot.Record.Time.Value.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Size(Snapshot snapshot) =>
        snapshot.Record.Summary is { } summary ? StatusText.Size(summary.TotalBytesProcessed) : "";
}
