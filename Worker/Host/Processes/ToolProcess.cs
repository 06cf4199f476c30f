using System.Diagnostics;
using System.Runtime.InteropServices;
using Granary.Worker.Streams;

namespace Granary.Worker.Processes;

/// <summary>A running tool whose input and output are streamed and whose diagnostics are kept within bounds.</summary>
/// <remarks>
/// The tool leads a process group of its own, because pg_dumpall starts a shell and a pg_dump per database: killing
/// only the tool would leave those running against the server. Disposing kills the group when it still runs.
/// </remarks>
internal sealed partial class ToolProcess : IAsyncDisposable
{
    private const int LongestLine = 64 * 1024;
    private const int SigKill = 9;

    /// <summary>
    /// How long diagnostics may trickle in after the tool has ended (a grandchild may hold the pipe open).
    /// </summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    private static readonly string? Setsid = new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(path =>
        OperatingSystem.IsLinux() && File.Exists(path)
    );

    private readonly Process _process;
    private readonly Task _diagnostics;
    private int _reaped;

    private ToolProcess(Process process, string name, Action<string> onErrorLine)
    {
        _process = process;
        Name = name;
        _diagnostics = LineReader.ReadAsync(process.StandardError, LongestLine, onErrorLine, CancellationToken.None);
    }

    /// <summary>The tool's name, for messages.</summary>
    public string Name { get; }

    /// <summary>What the tool writes.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>What the tool reads.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>Starts the tool.</summary>
    /// <param name="command">What to start.</param>
    /// <param name="onErrorLine">Gets every line of the tool's diagnostics, in order, never concurrently.</param>
    /// <exception cref="ToolException">It cannot be started.</exception>
    public static ToolProcess Start(ToolCommand command, Action<string> onErrorLine)
    {
        var start = new ProcessStartInfo
        {
            FileName = Setsid ?? command.Program,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (Setsid is not null)
        {
            start.ArgumentList.Add(command.Program);
        }

        foreach (var argument in command.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            process.Dispose();
            throw new ToolException($"{command.Name} cannot be started: {e.Message}", e);
        }

        return new ToolProcess(process, command.Name, onErrorLine);
    }

    /// <summary>Tells the tool that its input has ended.</summary>
    public void CloseInput()
    {
        try
        {
            Input.Close();
        }
        catch (IOException)
        {
            // It has ended already; its status says how.
        }
    }

    /// <summary>Waits until the tool has ended and its diagnostics are read.</summary>
    /// <returns>The exit status; 128 plus the signal's number when a signal ended it.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        Volatile.Write(ref _reaped, 1);
        if (_process.ExitCode != 0)
        {
            KillGroup();
        }

        await Task.WhenAny(_diagnostics, Task.Delay(DrainTime, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return _process.ExitCode;
    }

    /// <summary>Ends the tool and everything that it started, at once.</summary>
    public void Kill()
    {
        KillGroup();
        if (Volatile.Read(ref _reaped) != 0)
        {
            return;
        }

        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e)
            when (e is InvalidOperationException or AggregateException or System.ComponentModel.Win32Exception)
        {
            // It has ended in the meantime.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Volatile.Read(ref _reaped) == 0)
        {
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void KillGroup()
    {
        // The group lives as long as one member does, so its number cannot have been given to strangers while a child
        // of the tool is left; without any member the call finds nothing.
        if (Setsid is not null)
        {
            _ = SendSignal(-_process.Id, SigKill);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int processId, int signal);
}

/// <summary>A tool failed or could not be started. The message holds nothing secret.</summary>
internal sealed class ToolException(string message, Exception? innerException = null)
    : Exception(message, innerException);
