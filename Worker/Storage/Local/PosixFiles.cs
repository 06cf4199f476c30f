using System.Runtime.InteropServices;

namespace Granary.Storage.Local;

/// <summary>
/// The system calls that .NET does not offer: a rename that never replaces, and a durable directory entry.
/// </summary>
internal static partial class PosixFiles
{
    private const int RelativeToWorkingDirectory = -100;
    private const uint NoReplace = 1;

    // O_RDONLY | O_CLOEXEC, alike on x64 and arm64 (O_DIRECTORY is not)
    private const int ReadOnlyCloseOnExec = 0x80000;
    private const int InvalidArgument = 22;
    private const int NoSuchCall = 38;
    private const int NotSupported = 95;
    private const int FileExists = 17;

    /// <summary>
    /// Gives a finished file its name, unless the name is taken. Atomic wherever the file system can do it at all.
    /// </summary>
    /// <returns>False where the name is taken; the source is untouched then.</returns>
    public static bool TryRename(string source, string target)
    {
        if (TryRenameNoReplace(source, target) is { } renamed)
        {
            return renamed;
        }

        // NFS refuses the flag but has hard links, which never replace either.
        if (Link(source, target) == 0)
        {
            File.Delete(source);
            return true;
        }

        if (Marshal.GetLastPInvokeError() == FileExists || File.Exists(target))
        {
            return false;
        }

        // Neither is there (some FUSE mounts). Names are hashes of the content, so losing this last race does no harm.
        File.Move(source, target, overwrite: true);
        return true;
    }

    /// <summary>
    /// Makes a directory's entries durable, so that a finished file keeps its name after a power cut.
    /// </summary>
    public static void FlushDirectory(string path)
    {
        var descriptor = Open(path, ReadOnlyCloseOnExec);
        if (descriptor < 0)
        {
            throw new IOException(
                $"Cannot open directory '{path}': {Marshal.GetLastPInvokeErrorMessage()}",
                Marshal.GetLastPInvokeError()
            );
        }

        try
        {
            // These are the file system saying that it has no such thing; then there is nothing to wait for.
            if (
                Fsync(descriptor) != 0
                && Marshal.GetLastPInvokeError() is var error and not (InvalidArgument or NotSupported or NoSuchCall)
            )
            {
                throw new IOException(
                    $"Cannot flush directory '{path}': {Marshal.GetPInvokeErrorMessage(error)}",
                    error
                );
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static bool? TryRenameNoReplace(string source, string target)
    {
        try
        {
            if (RenameAt2(RelativeToWorkingDirectory, source, RelativeToWorkingDirectory, target, NoReplace) == 0)
            {
                return true;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }

        return Marshal.GetLastPInvokeError() == FileExists ? false : null;
    }

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int RenameAt2(
        int oldDirectory,
        string oldPath,
        int newDirectory,
        string newPath,
        uint flags
    );

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string oldPath, string newPath);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
