using System.CommandLine;
using Granary.Engine.Repositories;
using Granary.Storage;

namespace Granary.Worker.Commands;

/// <summary><c>list</c>: lists the files of one kind.</summary>
internal static class ListCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services)
    {
        var command = new Command("list", "List packs, index, snapshots, keys or locks.");
        var repository = new RepositoryOptions();
        var kind = new Argument<string>("kind") { Description = "packs, index, snapshots, keys or locks." };
        repository.AddTo(command);
        command.Arguments.Add(kind);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var chosen = Kind(parsed.GetValue(kind) ?? "");
            await using var access = repository.Access(parsed, services);
            var opened = await access.OpenAsync(cancellationToken);

            // Looking at locks must not add one.
            await using var held = chosen == FileKind.Lock ? null : await repository.LockAsync(parsed, access, opened, LockMode.Shared, cancellationToken);
            var names = new List<string>();
            await foreach (var file in opened.Backend.ListAsync(chosen, cancellationToken))
            {
                names.Add(file.Name);
            }

            names.Sort(StringComparer.Ordinal);
            await services.Out.WriteLineAsync(repository.IsJson(parsed) ? Json.Line(names) : string.Join(Environment.NewLine, names));
            return ExitCodes.Success;
        });
        return command;
    }

    private static FileKind Kind(string text) => text switch
    {
        "packs" => FileKind.Pack,
        "index" => FileKind.Index,
        "snapshots" => FileKind.Snapshot,
        "keys" => FileKind.Key,
        "locks" => FileKind.Lock,
        _ => throw new StepFailedException($"There are no '{text}' to list; there are packs, index, snapshots, keys and locks"),
    };
}
