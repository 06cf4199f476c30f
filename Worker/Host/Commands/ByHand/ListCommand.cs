using System.CommandLine;
using Granary.Access;
using Granary.Engine.Ids;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;
using Granary.Worker.Progress;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>list</c>: lists the files of one kind.</summary>
internal static class ListCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("list", "List blobs, packs, index, snapshots, keys or locks.");
        var kind = Flag.Word("kind", "blobs, packs, index, snapshots, keys or locks.");
        repository.AddTo(command);
        command.Arguments.Add(kind);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var text = parsed.GetValue(kind) ?? "";
                var chosen = text == "blobs" ? (FileKind?)null : Kind(text);
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var opened = await access.OpenAsync(cancellationToken);

                // Looking at locks must not add one.
                await using var held =
                    chosen == FileKind.Lock
                        ? null
                        : await repository.LockAsync(parsed, access, opened, LockMode.Shared, cancellationToken);
                if (chosen is { } files)
                {
                    await ListFilesAsync(opened, files, repository.IsJson(parsed), services.Out, cancellationToken);
                }
                else
                {
                    await ListBlobsAsync(opened, repository.IsJson(parsed), services, cancellationToken);
                }

                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static async Task ListFilesAsync(
        OpenRepository opened,
        FileKind kind,
        bool isJson,
        TextWriter output,
        CancellationToken cancellationToken
    )
    {
        var names = new List<string>();
        await foreach (var file in opened.Backend.ListAsync(kind, cancellationToken))
        {
            names.Add(file.Name);
        }

        names.Sort(StringComparer.Ordinal);
        if (isJson)
        {
            await output.WriteLineAsync(Json.Line(names, PrintedJson.Default.IReadOnlyListString));
            return;
        }

        foreach (var name in names)
        {
            await output.WriteLineAsync(name);
        }
    }

    /// <summary>One line for each place of a blob, written as it is found: there may be millions.</summary>
    private static async Task ListBlobsAsync(
        OpenRepository opened,
        bool isJson,
        WorkerServices services,
        CancellationToken cancellationToken
    )
    {
        var output = services.Out;
        var indexed = await new ProgressDisplay(services).RunAsync(_ => opened.LoadIndexAsync(cancellationToken));
        var separator = "[";
        foreach (var (blob, pack) in indexed.Blobs())
        {
            var type = blob.Type == BlobType.Tree ? "tree" : "data";
            if (isJson)
            {
                await output.WriteAsync(separator);
                await output.WriteAsync(
                    Json.Line(
                        new PrintedBlob(type, blob.Id.ToString(), pack.ToString()),
                        PrintedJson.Default.PrintedBlob
                    )
                );
                separator = ",";
            }
            else
            {
                await output.WriteLineAsync($"{type} {blob.Id}");
            }
        }

        if (isJson)
        {
            await output.WriteLineAsync(separator == "[" ? "[]" : "]");
        }
    }

    private static FileKind Kind(string text) =>
        text switch
        {
            "packs" => FileKind.Pack,
            "index" => FileKind.Index,
            "snapshots" => FileKind.Snapshot,
            "keys" => FileKind.Key,
            "locks" => FileKind.Lock,
            _ => throw new StepFailedException(
                $"There are no '{text}' to list; there are blobs, packs, index, snapshots, keys and locks"
            ),
        };
}
