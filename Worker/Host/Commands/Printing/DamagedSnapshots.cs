using Granary.Engine;
using Granary.Engine.Ids;

namespace Granary.Worker.Commands.Printing;

/// <summary>
/// The snapshots that a command came upon and could not read. It warns of each and goes on without it.
/// </summary>
internal sealed class DamagedSnapshots(WorkerServices services)
{
    private readonly List<SnapshotId> _ids = [];

    /// <summary>Their ids.</summary>
    public IReadOnlyList<SnapshotId> Ids => _ids;

    /// <summary>The exit status of a command that did everything else.</summary>
    public int ExitCode => _ids.Count == 0 ? ExitCodes.Success : ExitCodes.Incomplete;

    /// <summary>Notes one.</summary>
    public void Note(SnapshotId id, DamagedFileException fault)
    {
        _ids.Add(id);
        services.Log.SnapshotUnreadable(fault.Message, id.ToString());
    }
}
