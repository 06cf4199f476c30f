using System.Globalization;
using System.Text;

namespace Granary.DevCluster.Nodes.Logs;

/// <summary>Reads what <see cref="LogWriter"/> wrote.</summary>
internal static class LogReader
{
    /// <summary>
    /// Writes the wanted lines to <paramref name="target"/>; with Follow until <paramref name="ended"/> says that no
    /// more come.
    /// </summary>
    public static async Task CopyAsync(
        string path,
        LogQuery query,
        Func<bool> ended,
        Stream target,
        CancellationToken ct
    )
    {
        await using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete
        );
        var left = query.LimitBytes ?? long.MaxValue;
        if (query.TailLines is { } tail)
        {
            file.Position = await TailStartAsync(file, tail, ct);
        }

        var pending = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (left > 0)
        {
            // Asked before reading: what was written before the end is then certainly read.
            var last = !query.Follow || ended();
            int read;
            while ((read = await file.ReadAsync(buffer, ct)) > 0)
            {
                left = await EmitAsync(buffer.AsMemory(0, read), pending, query, target, left, ct);
            }

            await target.FlushAsync(ct);
            if (last)
            {
                return;
            }

            await Task.Delay(50, ct);
        }
    }

    /// <summary>The text of the last lines, without their marks, at most <paramref name="bytes"/> bytes.</summary>
    public static async Task<string> TailAsync(string path, int lines, int bytes, CancellationToken ct)
    {
        if (!File.Exists(path))
        {
            return "";
        }

        using var text = new MemoryStream();
        await CopyAsync(path, new LogQuery { TailLines = lines }, () => true, text, ct);
        var all = text.ToArray();
        return Encoding.UTF8.GetString(all.AsSpan(Math.Max(0, all.Length - bytes)));
    }

    private static async Task<long> EmitAsync(
        ReadOnlyMemory<byte> data,
        MemoryStream pending,
        LogQuery query,
        Stream target,
        long left,
        CancellationToken ct
    )
    {
        while (data.Length > 0 && left > 0)
        {
            var end = data.Span.IndexOf((byte)'\n');
            if (end < 0)
            {
                pending.Write(data.Span);
                return left;
            }

            pending.Write(data.Span[..end]);
            data = data[(end + 1)..];
            var line = Format(pending.GetBuffer().AsSpan(0, (int)pending.Length), query);
            pending.SetLength(0);
            if (line.Length > left)
            {
                line = line[..(int)left];
            }

            await target.WriteAsync(line, ct);
            left -= line.Length;
        }

        return left;
    }

    private static byte[] Format(ReadOnlySpan<byte> entry, LogQuery query)
    {
        var space = entry.IndexOf((byte)' ');
        var time = entry[..space];
        var afterStream = space + 1 + entry[(space + 1)..].IndexOf((byte)' ');
        var full = entry[afterStream + 1] == 'F';
        var text = entry[(afterStream + 3)..];
        if (
            query.Since is { } since
            && DateTimeOffset.Parse(
                Encoding.ASCII.GetString(time[..27]) + "Z",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal
            ) < since
        )
        {
            return [];
        }

        byte[] line = query.Timestamps ? [.. time, (byte)' ', .. text] : text.ToArray();
        return full ? [.. line, (byte)'\n'] : line;
    }

    private static async Task<long> TailStartAsync(FileStream file, long lines, CancellationToken ct)
    {
        var position = file.Length;
        var buffer = new byte[32 * 1024];
        var seen = 0L;
        while (position > 0)
        {
            var size = (int)Math.Min(buffer.Length, position);
            file.Position = position - size;
            await file.ReadExactlyAsync(buffer.AsMemory(0, size), ct);
            for (var i = size - 1; i >= 0; i--)
            {
                // The file ends with a line feed: the n-th line from the end begins after line feed n + 1.
                if (buffer[i] == '\n' && ++seen > lines)
                {
                    return position - size + i + 1;
                }
            }

            position -= size;
        }

        return 0;
    }
}
