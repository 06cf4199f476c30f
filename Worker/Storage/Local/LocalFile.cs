using Microsoft.Win32.SafeHandles;

namespace Granary.Storage.Local;

/// <summary>Reads and writes one file.</summary>
internal static class LocalFile
{
    private const int CopyBufferBytes = 256 * 1024;

    /// <summary>Fills a buffer from a place in the file.</summary>
    /// <exception cref="EndOfStreamException">The file is shorter.</exception>
    public static async Task ReadAsync(
        SafeFileHandle file,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        var length = RandomAccess.GetLength(file);
        if (offset + destination.Length > length)
        {
            throw new EndOfStreamException(
                $"the file has {length} bytes, but {destination.Length} from {offset} on were asked for"
            );
        }

        while (!destination.IsEmpty)
        {
            var read = await RandomAccess.ReadAsync(file, destination, offset, cancellationToken);
            if (read == 0)
            {
                throw new EndOfStreamException($"the file ended at {offset} while it was read");
            }

            destination = destination[read..];
            offset += read;
        }
    }

    /// <summary>Writes a whole new file, flushes it and makes it read-only.</summary>
    public static async Task WriteAsync(
        string path,
        Stream content,
        LocalModes modes,
        CancellationToken cancellationToken
    )
    {
        content.Position = 0;
        await using var file = Allocate(path, content.Length, modes);
        await content.CopyToAsync(file, CopyBufferBytes, cancellationToken);
        if (file.Position != content.Length)
        {
            throw new IOException($"{file.Position} bytes were written, but {content.Length} were announced");
        }

        file.Flush(flushToDisk: true);
        MakeReadOnly(file, modes);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>A file's length in bytes, or null where there is none.</summary>
    public static long? SizeOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Deletes a file after another failure, which is the one to report.</summary>
    public static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (LocalErrors.IsFileError(e))
        {
            // A file that stays behind is invisible and is removed with the leftovers.
        }
    }

    private static FileStream Allocate(string path, long length, LocalModes modes)
    {
        try
        {
            return new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    Share = FileShare.None,
                    Options = FileOptions.Asynchronous,
                    BufferSize = 0,
                    PreallocationSize = length,
                    UnixCreateMode = modes.Growing,
                }
            );
        }
        catch (IOException e) when (e.HResult == LocalErrors.NoSystemError)
        {
            // .NET turns exactly ENOSPC and EFBIG of the preallocation into an exception without the system's number.
            throw new IOException(e.Message, LocalErrors.NoSpace);
        }
    }

    private static void MakeReadOnly(FileStream file, LocalModes modes)
    {
        try
        {
            File.SetUnixFileMode(file.SafeFileHandle, modes.Finished);
        }
        catch (Exception e) when (LocalErrors.IsFileError(e))
        {
            // Some mounts have no modes to set. The mode guards against mistakes only; the file itself is sound.
        }
    }
}
