using System.Globalization;
using System.Text;

namespace Granary.DevCluster.Nodes.Logs;

/// <summary>
/// A container's log on disk, one line of output per line: time, stream, <c>F</c>ull or <c>P</c>artial, text.
/// </summary>
internal sealed class LogWriter : IAsyncDisposable
{
    private const int LongestLine = 16 * 1024;

    private readonly FileStream _file;
    private readonly SemaphoreSlim _turn = new(1, 1);

    public LogWriter(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <summary>Copies a stream to its end, cutting it into lines of at most 16 KiB as container runtimes do.</summary>
    public async Task CopyAsync(string name, Stream stream)
    {
        var buffer = new byte[64 * 1024];
        var line = new MemoryStream();
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer)) > 0)
            {
                for (var i = 0; i < read; i++)
                {
                    if (buffer[i] == '\n')
                    {
                        await WriteAsync(name, 'F', line);
                    }
                    else
                    {
                        line.WriteByte(buffer[i]);
                        if (line.Length == LongestLine)
                        {
                            await WriteAsync(name, 'P', line);
                        }
                    }
                }
            }
        }
        catch (IOException)
        {
            // The process was killed while writing: what came before is kept.
        }

        if (line.Length > 0)
        {
            await WriteAsync(name, 'P', line);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _turn.Dispose();
    }

    private async Task WriteAsync(string name, char tag, MemoryStream line)
    {
        var time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
        var head = Encoding.ASCII.GetBytes($"{time} {name} {tag} ");
        var entry = new byte[head.Length + line.Length + 1];
        head.CopyTo(entry, 0);
        line.GetBuffer().AsSpan(0, (int)line.Length).CopyTo(entry.AsSpan(head.Length));
        entry[^1] = (byte)'\n';
        line.SetLength(0);
        await _turn.WaitAsync();
        try
        {
            await _file.WriteAsync(entry);
        }
        finally
        {
            _turn.Release();
        }
    }
}
