using System.CommandLine;
using Granary.Access;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Progress;
using Granary.Worker.Streams;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>dump</c>: writes one file of a snapshot to the standard output.</summary>
internal static class DumpFileCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("dump", "Write one file of a snapshot to the standard output.");
        var filter = new SnapshotOptions(services);
        var snapshot = Flag.Word(
            "snapshot",
            "Id of the snapshot, or latest; a folder of it may follow, as in latest:dumps."
        );
        var file = Flag.Word("file", "The file's path in it.");
        var target = Flag.Text("--target", "Write to this file instead.", "", "-t");
        repository.AddTo(command);
        filter.AddTo(command);
        command.Options.Add(target);
        command.Arguments.Add(snapshot);
        command.Arguments.Add(file);
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
                var (id, folder) = Named(parsed.GetValue(snapshot) ?? "");
                var path = folder.Length == 0 ? parsed.GetValue(file) ?? "" : $"{folder}/{parsed.GetValue(file)}";
                var found = await opened.FindSnapshotAsync(id, filter.Read(parsed), cancellationToken);
                if (parsed.GetValue(target) is { Length: > 0 } name)
                {
                    await using var written = TargetFile.Create(name);
                    await DumpAsync(opened, found, path, written.Content, services, cancellationToken);
                    await written.CompleteAsync();
                }
                else
                {
                    await using var output = services.RawOutput();
                    await DumpAsync(opened, found, path, output, services, cancellationToken);
                }

                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static Task<DumpResult> DumpAsync(
        OpenRepository opened,
        Snapshot snapshot,
        string path,
        Stream output,
        WorkerServices services,
        CancellationToken cancellationToken
    )
    {
        var progress = new Latest<DumpProgress>();
        return new ProgressDisplay(services).RunAsync(
            async () =>
                await (await opened.LoadIndexAsync(cancellationToken)).DumpAsync(
                    snapshot,
                    path,
                    output,
                    new DumpOptions(),
                    progress,
                    cancellationToken
                ),
            () => Advance.Of("Dumping", progress.Value)
        );
    }

    /// <summary>A snapshot and a folder in it, as in <c>latest:dumps</c>. Source: repository format §11.</summary>
    private static (string Snapshot, string Folder) Named(string text) =>
        text.Split(':', 2) is [var id, var folder] ? (id, folder) : (text, "");
}
