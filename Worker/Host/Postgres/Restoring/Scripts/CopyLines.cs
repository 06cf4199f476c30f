namespace Granary.Worker.Postgres.Restoring.Scripts;

/// <summary>
/// The lines of a script at which a COPY ends that rows follow. psql is behind the reader by what the pipe holds, so
/// the last ones are enough. Safe for concurrent use.
/// </summary>
internal sealed class CopyLines
{
    // A pipe holds at most 1 MiB, and no COPY with its end is shorter than 20 bytes.
    private const int Kept = 1024 * 1024 / 20;

    private readonly Lock _lock = new();
    private readonly HashSet<long> _lines = [];
    private readonly Queue<long> _order = new();

    /// <summary>Adds a line.</summary>
    public void Add(long line)
    {
        lock (_lock)
        {
            if (_lines.Add(line))
            {
                _order.Enqueue(line);
                if (_order.Count > Kept)
                {
                    _lines.Remove(_order.Dequeue());
                }
            }
        }
    }

    /// <summary>Whether a line is one of the last ones that were added.</summary>
    public bool Contains(long line)
    {
        lock (_lock)
        {
            return _lines.Contains(line);
        }
    }
}
