namespace Granary.Worker.Streams;

/// <summary>A file that somebody asked for: there as a whole, or not at all.</summary>
/// <remarks>
/// It is written under another name beside its own and renamed at the end, so that a failure neither leaves half a file
/// nor costs what was there before. Devices and named pipes are written as they are.
/// </remarks>
internal sealed class TargetFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly string? _unfinished;
    private readonly FileStream _content;

    private TargetFile(string path, string? unfinished, FileStream content)
    {
        _path = path;
        _unfinished = unfinished;
        _content = content;
    }

    /// <summary>What to write to.</summary>
    public Stream Content => _content;

    /// <summary>Begins a file.</summary>
    /// <exception cref="StepFailedException">It cannot be written there.</exception>
    public static TargetFile Create(string path)
    {
        if (Directory.Exists(path))
        {
            throw new StepFailedException($"{path} is a directory; name a file in it");
        }

        try
        {
            if (FileKinds.IsSpecial(path))
            {
                return new TargetFile(
                    path,
                    unfinished: null,
                    new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)
                );
            }

            // A link stays one: the file behind it is replaced.
            var full = Path.GetFullPath(path);
            var real = new FileInfo(full).LinkTarget is null
                ? full
                : File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
            var unfinished = Path.Combine(
                Path.GetDirectoryName(real) ?? "/",
                $".{Path.GetFileName(real)}.{Environment.ProcessId}.unfinished"
            );
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                BufferSize = 0,
            };
            UnixFileMode? rights =
                File.Exists(real) && !OperatingSystem.IsWindows() ? File.GetUnixFileMode(real) : null;
            options.UnixCreateMode = rights;
            var content = Begin(unfinished, options);
            if (rights is { } kept && !OperatingSystem.IsWindows())
            {
                // What the process' mask took away.
                File.SetUnixFileMode(content.SafeFileHandle, kept);
            }

            return new TargetFile(real, unfinished, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StepFailedException($"{path} cannot be written: {e.Message}", e);
        }
    }

    // In a container every run has the same process id, so that a killed one left a file of this very name.
    private static FileStream Begin(string unfinished, FileStreamOptions options)
    {
        if (File.Exists(unfinished) && !IsHeld(unfinished))
        {
            File.Delete(unfinished);
        }

        return new FileStream(unfinished, options);
    }

    // Who writes it holds it for himself alone.
    private static bool IsHeld(string unfinished)
    {
        try
        {
            using var content = new FileStream(unfinished, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Gives the file its name.</summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public async Task CompleteAsync()
    {
        if (_unfinished is not null)
        {
            // A name that is there after a crash must not stand for an empty file.
            _content.Flush(flushToDisk: true);
        }

        await _content.DisposeAsync();
        if (_unfinished is not null)
        {
            File.Move(_unfinished, _path, overwrite: true);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Content.DisposeAsync();
        if (_unfinished is not null)
        {
            File.Delete(_unfinished);
        }
    }
}
