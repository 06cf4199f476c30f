using Granary.TestSupport;

namespace Granary.Faults.Tests.Storm;

/// <summary>What a process of a storm does.</summary>
internal enum StormTask
{
    /// <summary>Back the standard input up.</summary>
    Backup,

    /// <summary>Forget all but the latest snapshots, and prune.</summary>
    Prune,

    /// <summary>Dump the latest snapshot.</summary>
    Dump,
}

/// <summary>
/// A program that works on the repository: our worker or restic, with the same words for the same things.
/// </summary>
/// <param name="Name">For messages.</param>
/// <param name="Program">The executable.</param>
/// <param name="Prefix">Arguments before the command.</param>
internal sealed record StormProgram(string Name, string Program, string[] Prefix)
{
    /// <summary>How many snapshots a prune keeps.</summary>
    public const int Kept = 6;

    /// <summary>
    /// Our worker, as it was built when the storm began: one that is replaced half-way through fails to start, which is
    /// nothing that a storm asks.
    /// </summary>
    /// <param name="folder">Where the copy goes that is run.</param>
    public static StormProgram Worker(string folder)
    {
        var command = BuiltWorker.CopyTo(folder, "Release");
        return new StormProgram("granary", command[0], [.. command.Skip(1)]);
    }

    /// <summary>The reference program.</summary>
    /// <remarks>
    /// Quiet: it says on its standard output that it would wait for a lock, and killed just then would seem to have
    /// dumped those words.
    /// </remarks>
    public static StormProgram Restic { get; } =
        new("restic", RepositoryRoot.Tool("restic"), ["--no-cache", "--quiet"]);

    /// <summary>Starts a task.</summary>
    public RunningProgram Start(StormTask task, string repository, string newName)
    {
        var environment = Environment(repository);
        return task switch
        {
            StormTask.Backup => RunningProgram.Start(
                Program,
                [.. Prefix, "backup", "--stdin", "--stdin-filename", "db.sql", "--host", "storm", "--tag", newName],
                environment,
                StormContent.Of(newName)
            ),
            StormTask.Prune => RunningProgram.Start(
                Program,
                [.. Prefix, "forget", "--keep-last", $"{Kept}", "--prune", "--max-unused", "0"],
                environment
            ),
            StormTask.Dump => RunningProgram.Start(Program, [.. Prefix, "dump", "latest", "/db.sql"], environment),
            _ => throw new ArgumentOutOfRangeException(nameof(task), task, "Unknown task."),
        };
    }

    /// <summary>Removes the locks of dead processes.</summary>
    public RunningProgram Unlock(string repository) =>
        RunningProgram.Start(Program, [.. Prefix, "unlock"], Environment(repository));

    private static Dictionary<string, string> Environment(string repository) =>
        new()
        {
            ["RESTIC_REPOSITORY"] = repository,
            ["RESTIC_PASSWORD"] = Sample.Password,
            ["RESTIC_PROGRESS_FPS"] = "0.01",
            ["HOME"] = Path.GetTempPath(),
        };
}
