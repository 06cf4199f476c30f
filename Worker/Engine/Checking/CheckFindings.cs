using Granary.Storage;

namespace Granary.Engine.Checking;

/// <summary>Collects the findings of a check, from several threads, each thing once.</summary>
internal sealed class CheckFindings
{
    private readonly Lock _lock = new();
    private readonly HashSet<CheckFinding> _errors = [];
    private readonly HashSet<CheckFinding> _hints = [];

    public IReadOnlyList<CheckFinding> Errors => Sorted(_errors);

    public IReadOnlyList<CheckFinding> Hints => Sorted(_hints);

    public void Error(FileHandle file, string message)
    {
        lock (_lock)
        {
            _errors.Add(new CheckFinding(file.ToString(), message));
        }
    }

    /// <summary>
    /// Reports an exception's message, for the file it names, or else for the one that was being looked at.
    /// </summary>
    public void Error(FileHandle lookedAt, RepositoryException exception)
    {
        var file = exception switch
        {
            DamagedPackException damaged => new FileHandle(FileKind.Pack, damaged.Pack).ToString(),
            DamagedFileException damaged => damaged.File,
            _ => lookedAt.ToString(),
        };
        lock (_lock)
        {
            _errors.Add(new CheckFinding(file, exception.Message));
        }
    }

    public void Hint(FileHandle file, string message)
    {
        lock (_lock)
        {
            _hints.Add(new CheckFinding(file.ToString(), message));
        }
    }

    private List<CheckFinding> Sorted(HashSet<CheckFinding> findings)
    {
        lock (_lock)
        {
            return
            [
                .. findings
                    .OrderBy(each => each.File, StringComparer.Ordinal)
                    .ThenBy(each => each.Message, StringComparer.Ordinal),
            ];
        }
    }
}
