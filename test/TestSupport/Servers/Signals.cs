using System.Runtime.InteropServices;

namespace Granary.TestSupport.Servers;

/// <summary>POSIX signals for processes that a test started.</summary>
public static partial class Signals
{
    /// <summary>SIGHUP.</summary>
    public const int Hangup = 1;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>SIGCONT (Linux).</summary>
    public const int Continue = 18;

    /// <summary>SIGSTOP (Linux).</summary>
    public const int Stop = 19;

    /// <summary>The id of a process of a program whose command line mentions a text, or null.</summary>
    public static int? Find(string program, string mentioned) => System.Diagnostics.Process.GetProcessesByName(program)
        .Select(process => process.Id)
        .Cast<int?>()
        .FirstOrDefault(id => CommandLineOf(id!.Value).Contains(mentioned, StringComparison.Ordinal));

    private static string CommandLineOf(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Sends a signal to a process.</summary>
    public static void Send(int processId, int signal)
    {
        if (SendSignal(processId, signal) != 0)
        {
            throw new InvalidOperationException($"kill({processId}, {signal}) failed with errno {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int processId, int signal);
}
