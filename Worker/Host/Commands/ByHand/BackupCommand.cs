using System.CommandLine;
using System.Globalization;
using System.Net;
using Granary.Access;
using Granary.Api.Status;
using Granary.Engine.Archiving;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;
using Granary.Worker.Processes;
using Granary.Worker.Progress;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>backup</c>: backs streams up: the standard input, what commands print, pipes.</summary>
internal static class BackupCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("backup", "Back up one or several streams into one snapshot.");
        var streams = new StreamFlags();
        var store = new StoreFlags();
        var host = Flag.Text(
            "--host",
            "Host under which the snapshot is stored (RESTIC_HOST); this one when absent.",
            "",
            "-H"
        );
        var tags = Flag.Texts("--tag", "Tags, separated by commas.");
        var time = Flag.Text(
            "--time",
            "The snapshot's time, as '2026-01-31 02:00:00' by the local clock, instead of now."
        );
        var allowEmpty = Flag.Switch(
            "--allow-empty",
            "Store a stream without a single byte as an empty file, instead of failing."
        );
        repository.AddTo(command);
        streams.AddTo(command);
        store.AddTo(command);
        foreach (var option in new Option[] { host, tags, time, allowEmpty })
        {
            command.Options.Add(option);
        }

        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var sources = streams.Read(parsed, services);
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var options = new BackupOptions
                {
                    Hostname = parsed.GetValue(host) is { Length: > 0 } given
                        ? given
                        : services.Options.Variable("RESTIC_HOST") ?? Dns.GetHostName(), // In full, as restic does it.
                    Username = access.Self.Username,
                    UserId = ProcessIdentity.UserId,
                    GroupId = ProcessIdentity.GroupId,
                    Tags =
                    [
                        .. (parsed.GetValue(tags) ?? []).SelectMany(each =>
                            each.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                        ),
                    ],
                    Time = Time(parsed.GetValue(time) ?? "", services),
                    AllowEmpty = parsed.GetValue(allowEmpty),
                    Store = store.Read(parsed, services),
                };
                var opened = await access.OpenAsync(cancellationToken);
                await using var held = await repository.LockForWritingAsync(
                    parsed,
                    access,
                    opened,
                    LockMode.Shared,
                    cancellationToken
                );
                var result = await StoreAsync(opened, sources, options, held, services, cancellationToken);
                await services.Out.WriteLineAsync(repository.IsJson(parsed) ? JsonOf(result) : Text(result));
                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static DateTimeOffset? Time(string text, WorkerServices services)
    {
        if (text.Length == 0)
        {
            return null;
        }

        return DateTime.TryParseExact(
            text,
            "yyyy-MM-dd HH:mm:ss",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var time
        )
            ? new DateTimeOffset(time, services.Time.LocalTimeZone.GetUtcOffset(time))
            : throw new StepFailedException($"--time is '{text}'; a time looks like 2026-01-31 02:00:00");
    }

    private static async Task<BackupResult> StoreAsync(
        OpenRepository opened,
        IReadOnlyList<ISource> sources,
        BackupOptions options,
        RepositoryLock held,
        WorkerServices services,
        CancellationToken cancellationToken
    )
    {
        var progress = new Latest<BackupProgress>();
        try
        {
            return await new ProgressDisplay(services).RunAsync(
                async () =>
                    await (await opened.LoadIndexAsync(cancellationToken)).BackupAsync(
                        sources,
                        options,
                        progress,
                        held,
                        cancellationToken
                    ),
                () => Advance.Of(progress.Value)
            );
        }
        catch (ArgumentException e)
        {
            // Two streams under one path, or a path that is none: what the user typed, told by whoever knows the rules.
            throw new StepFailedException(WithoutParameter(e), e);
        }
        finally
        {
            foreach (var source in sources.OfType<IAsyncDisposable>())
            {
                await source.DisposeAsync();
            }
        }
    }

    /// <summary>The message without what the runtime adds for programmers.</summary>
    private static string WithoutParameter(ArgumentException exception) =>
        exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal);

    private static string JsonOf(BackupResult result) =>
        Json.Line(
            new PrintedBackup(
                MessageType: "summary",
                SnapshotId: result.SnapshotId.ToString(),
                FilesNew: result.Summary.FilesNew,
                FilesChanged: result.Summary.FilesChanged,
                FilesUnmodified: result.Summary.FilesUnmodified,
                DataBlobs: result.Summary.DataBlobs,
                TreeBlobs: result.Summary.TreeBlobs,
                DataAdded: result.Summary.DataAdded,
                DataAddedPacked: result.Summary.DataAddedPacked,
                TotalFilesProcessed: result.Summary.TotalFilesProcessed,
                TotalBytesProcessed: result.Summary.TotalBytesProcessed,
                TotalDuration: result.Duration.TotalSeconds,
                Streams: result.Sources.Select(source => new PrintedStream(
                    source.Path,
                    Size: source.Size,
                    DataAdded: source.BytesAdded,
                    DataAddedPacked: source.BytesStored
                ))
            ),
            PrintedJson.Default.PrintedBackup
        );

    private static string Text(BackupResult result) =>
        string.Join(
            Environment.NewLine,
            [
                .. result.Sources.Select(source =>
                    $"{source.Path}: {StatusText.Size(source.Size)} read, {StatusText.Size(source.BytesStored)} stored"
                ),
                $"snapshot {result.SnapshotId.Short} saved: {StatusText.Size(result.Summary.TotalBytesProcessed)} "
                    + $"read, {StatusText.Size(result.Summary.DataAddedPacked)} stored",
            ]
        );
}
