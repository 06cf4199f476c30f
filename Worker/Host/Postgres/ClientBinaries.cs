using System.Globalization;

namespace Granary.Worker.Postgres;

/// <summary>The installed PostgreSQL client programs, one folder per major version.</summary>
internal sealed class ClientBinaries
{
    /// <summary>Where Debian's packages put them.</summary>
    public const string PackagedRoot = "/usr/lib/postgresql";

    private readonly SortedDictionary<int, string> _folders = [];
    private readonly string _searched;

    /// <summary>
    /// Looks for <c>&lt;major&gt;/bin</c> below the given roots; the first root that has a major wins.
    /// </summary>
    public ClientBinaries(IReadOnlyList<string> roots)
    {
        _searched = string.Join(", ", roots);
        foreach (var folder in roots.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories))
        {
            // Before 10 a major version had two numbers ("9.6"); those all count as 9.
            var name = Path.GetFileName(folder).Split('.')[0];
            var programs = Path.Combine(folder, "bin");
            if (
                int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var major)
                && File.Exists(Path.Combine(programs, "psql"))
            )
            {
                _folders.TryAdd(major, programs);
            }
        }
    }

    /// <summary>The majors that are installed, ascending.</summary>
    public IReadOnlyCollection<int> Majors => _folders.Keys;

    /// <summary>
    /// The clients of this machine: below <paramref name="roots"/> (separated by colons), then the packaged ones.
    /// </summary>
    public static ClientBinaries Installed(string? roots) =>
        new([
            .. (roots ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            PackagedRoot,
        ]);

    /// <summary>
    /// The client for dumping a server: its own major, else the newest. pg_dump refuses servers newer than itself.
    /// </summary>
    /// <exception cref="StepFailedException">None is new enough.</exception>
    public ClientVersion ForDump(int serverMajor)
    {
        if (_folders.TryGetValue(serverMajor, out var own))
        {
            return new(serverMajor, own);
        }

        var newest = Newest();
        return newest.Major > serverMajor
            ? newest
            : throw new StepFailedException(
                $"The server is PostgreSQL {serverMajor}, and the clients here are {string.Join(", ", Majors)} (in "
                    + $"{_searched}): "
                    + "a dump needs a client that is not older than its server"
            );
    }

    /// <summary>
    /// The psql for a restore: the newest, which talks to servers of every version and has every mend.
    /// </summary>
    /// <exception cref="StepFailedException">There is none at all.</exception>
    public ClientVersion ForRestore() => Newest();

    /// <summary>
    /// The pg_restore for an archive: of the server's major where that reads the archive, else the newest.
    /// </summary>
    /// <param name="serverMajor">The server that is restored into.</param>
    /// <param name="oldestReader">The first major that reads the archive's format.</param>
    /// <exception cref="StepFailedException">None can read it.</exception>
    public ClientVersion ForArchive(int serverMajor, int oldestReader)
    {
        if (serverMajor >= oldestReader && _folders.TryGetValue(serverMajor, out var own))
        {
            return new(serverMajor, own);
        }

        var newest = Newest();
        return newest.Major >= oldestReader
            ? newest
            : throw new StepFailedException(
                $"The dump is an archive that PostgreSQL {oldestReader} or newer reads, and the newest client here "
                    + $"is {newest.Major} (in {_searched})"
            );
    }

    private ClientVersion Newest() =>
        _folders.Count > 0
            ? new(_folders.Keys.Last(), _folders.Values.Last())
            : throw new StepFailedException(
                $"No PostgreSQL client programs are installed (looked for <major>/bin/psql in {_searched})"
            );
}

/// <summary>The client programs of one major version.</summary>
/// <param name="Major">The version.</param>
/// <param name="Folder">Where the programs are.</param>
internal sealed record ClientVersion(int Major, string Folder)
{
    /// <summary>The path of a program.</summary>
    public string this[string program] => Path.Combine(Folder, program);
}
