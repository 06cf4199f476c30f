using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Granary.DevCluster.Nodes.Launching;

/// <summary>The system calls that .NET has no name for.</summary>
internal static class Posix
{
    public const int Terminate = 15;
    public const int Kill = 9;

    /// <summary>Sets a file's or directory's permission bits.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>Sends a signal; a process that is gone already is fine.</summary>
    public static void Signal(int pid, int signal) => _ = SendSignal(pid, signal);

    /// <summary>Gives a file or a link away; -1 leaves user or group as they are.</summary>
    /// <exception cref="Win32Exception">The system refused.</exception>
    public static void ChangeOwner(string path, int user, int group)
    {
        if (ChangeLinkOwner(path, (uint)user, (uint)group) != 0)
        {
            throw new Win32Exception(
                Marshal.GetLastPInvokeError(),
                $"chown {path}: {Marshal.GetLastPInvokeErrorMessage()}"
            );
        }
    }

    /// <summary>Renames over what is there, links included, as one step.</summary>
    /// <exception cref="Win32Exception">The system refused.</exception>
    public static void Replace(string from, string to)
    {
        if (Rename(from, to) != 0)
        {
            throw new Win32Exception(
                Marshal.GetLastPInvokeError(),
                $"rename {from}: {Marshal.GetLastPInvokeErrorMessage()}"
            );
        }
    }

    [DllImport(
        "libc",
        EntryPoint = "rename",
        SetLastError = true,
        CharSet = CharSet.Ansi,
        BestFitMapping = false,
        ThrowOnUnmappableChar = true
    )]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Rename(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string from,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string to
    );

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SendSignal(int pid, int signal);

    [DllImport(
        "libc",
        EntryPoint = "lchown",
        SetLastError = true,
        CharSet = CharSet.Ansi,
        BestFitMapping = false,
        ThrowOnUnmappableChar = true
    )]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int ChangeLinkOwner([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);
}
