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
    /// <param name="program">Its name.</param>
    /// <param name="mentioned">The text.</param>
    /// <param name="anybodys">
    /// Whether it may be another's than this process's or its children's. The tests of another checkout may be running
    /// beside these.
    /// </param>
    public static int? Find(string program, string mentioned, bool anybodys = false) =>
        System
            .Diagnostics.Process.GetProcessesByName(program)
            .Select(process => process.Id)
            .Cast<int?>()
            .FirstOrDefault(id =>
                Read(id!.Value, "cmdline").Contains(mentioned, StringComparison.Ordinal)
                && (anybodys || IsOurs(id.Value))
            );

    private static bool IsOurs(int processId)
    {
        while (processId > 1 && processId != Environment.ProcessId)
        {
            // The name, which may hold anything, ends with the last bracket; the state and the parent follow.
            string status = Read(processId, "stat");
            string[] fields = status[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            processId = fields.Length > 1 ? int.Parse(fields[1]) : 0;
        }

        return processId == Environment.ProcessId;
    }

    private static string Read(int processId, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/{file}");
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
            throw new InvalidOperationException(
                $"kill({processId}, {signal}) failed with errno {Marshal.GetLastPInvokeError()}."
            );
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int processId, int signal);
}
