using System.Globalization;
using System.Text;

namespace Granary.Worker.Streams;

/// <summary>Keeps the last lines of a text of any length, within fixed bounds.</summary>
/// <remarks>
/// Safe for concurrent use. Holds at most <paramref name="lines"/> lines of <paramref name="lineLength"/> characters.
/// </remarks>
internal sealed class TextTail(int lines = 20, int lineLength = 400)
{
    private readonly Lock _gate = new();
    private readonly Queue<string> _kept = new();
    private long _dropped;

    /// <summary>Adds a line. Blank lines are not kept.</summary>
    public void Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        var kept = line.Length > lineLength ? string.Concat(line.AsSpan(0, lineLength), "…") : line;
        lock (_gate)
        {
            _kept.Enqueue(kept);
            if (_kept.Count <= lines)
            {
                return;
            }

            _kept.Dequeue();
            _dropped++;
        }
    }

    /// <summary>The kept lines, joined by newlines; says how many lines came before them.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            var text = new StringBuilder();
            if (_dropped > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"({_dropped} earlier lines left out)\n");
            }

            return text.AppendJoin('\n', _kept).ToString();
        }
    }
}
