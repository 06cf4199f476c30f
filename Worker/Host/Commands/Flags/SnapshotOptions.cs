using System.CommandLine;
using Granary.Engine;
using Granary.Engine.Ids;
using Granary.Engine.Repositories;
using Granary.Worker.Commands.Printing;

namespace Granary.Worker.Commands.Flags;

/// <summary>The flags that choose snapshots.</summary>
/// <param name="services">What the environment says.</param>
/// <param name="hasShortHost">Whether -H means the host; for restic's forget it means hours.</param>
internal sealed class SnapshotOptions(WorkerServices services, bool hasShortHost = true)
{
    private readonly Option<string[]> _hosts = Flag.Texts(
        "--host",
        "Only snapshots of this host (RESTIC_HOST).",
        hasShortHost ? ["-H"] : []
    );
    private readonly Option<string[]> _paths = Flag.Texts("--path", "Only snapshots with this path.");
    private readonly Option<string[]> _tags = Flag.Texts(
        "--tag",
        "Only snapshots with all of these tags, separated by commas."
    );

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_hosts);
        command.Options.Add(_paths);
        command.Options.Add(_tags);
    }

    /// <summary>What the flags say.</summary>
    /// <exception cref="StepFailedException">
    /// A host or a path is empty: a variable that is not set must not choose the snapshots of all hosts.
    /// </exception>
    public SnapshotFilter Read(ParseResult parsed) =>
        new()
        {
            Hosts =
                NotEmpty(parsed, _hosts) is { Length: > 0 } hosts ? hosts
                : services.Options.Variable("RESTIC_HOST") is { } host ? [host]
                : [],
            Paths = NotEmpty(parsed, _paths),
            TagLists = Flag.TagLists(parsed, _tags),
        };

    /// <summary>
    /// The snapshots that are named by id or as latest, each once; all that the flags choose where none is named;
    /// without damaged ones.
    /// </summary>
    public async Task<IReadOnlyList<Snapshot>> FindAsync(
        ParseResult parsed,
        OpenRepository repository,
        string[] named,
        DamagedSnapshots damaged,
        CancellationToken cancellationToken
    )
    {
        if (named.Length == 0)
        {
            return await repository.SnapshotsAsync(Read(parsed), damaged.Note, cancellationToken);
        }

        var found = new List<Snapshot>();
        foreach (var id in named)
        {
            if (id == "latest")
            {
                found.Add(await repository.FindSnapshotAsync(id, Read(parsed), cancellationToken));
                continue;
            }

            var resolved = await repository.ResolveAsync(id, cancellationToken);
            try
            {
                found.Add(await repository.SnapshotAsync(resolved, cancellationToken));
            }
            catch (DamagedFileException e)
            {
                damaged.Note(resolved, e);
            }
        }

        return [.. found.DistinctBy(snapshot => snapshot.Id)];
    }

    private static string[] NotEmpty(ParseResult parsed, Option<string[]> option)
    {
        var values = parsed.GetValue(option) ?? [];
        return values.Contains("")
            ? throw new StepFailedException($"{option.Name} is empty; leave it out to look at all snapshots")
            : values;
    }
}
