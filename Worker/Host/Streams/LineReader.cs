using System.Text;

namespace Granary.Worker.Streams;

/// <summary>Reads lines of any length in bounded memory: what a line has beyond the limit is dropped.</summary>
internal static class LineReader
{
    private const int BufferLength = 4096;

    /// <summary>Hands every line, without its end, to <paramref name="onLine"/> until the text ends.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="longestLine">In characters.</param>
    /// <param name="onLine">Called in order, never concurrently.</param>
    /// <param name="cancellationToken">Stops between two reads.</param>
    public static async Task ReadAsync(
        TextReader reader,
        int longestLine,
        Action<string> onLine,
        CancellationToken cancellationToken
    )
    {
        var buffer = new char[BufferLength];
        var line = new StringBuilder();
        int read;
        while ((read = await reader.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var rest = buffer.AsSpan(0, read);
            int end;
            while ((end = rest.IndexOf('\n')) >= 0)
            {
                Append(line, rest[..end], longestLine);
                onLine(line.ToString().TrimEnd('\r'));
                line.Clear();
                rest = rest[(end + 1)..];
            }

            Append(line, rest, longestLine);
        }

        if (line.Length > 0)
            onLine(line.ToString());
    }

    private static void Append(StringBuilder line, ReadOnlySpan<char> part, int longestLine) =>
        line.Append(part[..Math.Min(part.Length, Math.Max(0, longestLine - line.Length))]);
}
