using System.Diagnostics;
using System.Globalization;
using Granary.DevCluster.Nodes.Logs;

namespace Granary.DevCluster.Nodes.Launching;

/// <summary>How a container ended.</summary>
/// <param name="SetupError">Why it never started; null when it did.</param>
internal sealed record ContainerExit(int Code, bool OutOfMemory, string? SetupError, DateTime FinishedAt);

/// <summary>One run of a container: a process tree in namespaces of its own that cannot outlive the agent.</summary>
internal sealed class ContainerProcess : IAsyncDisposable
{
    // The guard holds the read end of a pipe that only the agent holds open: if the agent is gone in whatever way, the
    // read ends and process 1 is killed, and with that one the whole namespace goes. unshare does not fork itself: it
    // would turn a death by SIGKILL into exit code 1; the shell behind it, whose first child is process 1, says 137.
    private const string Guard = """
        exec 3<&0 </dev/null
        /usr/bin/unshare --mount --pid --uts --propagation private \
          /bin/sh -c '/bin/sh "$1" & exec >/dev/null 2>&1; wait $!' inner "$1" 3<&- &
        __granary_child=$!
        ( read -r __granary_x <&3
          until [ -s "$2" ] || ! kill -0 $__granary_child; do /bin/sleep 0.01; done
          read -r __granary_pid <"$2" && kill -KILL $__granary_pid ) >/dev/null 2>&1 &
        __granary_watch=$!
        exec 3<&- >/dev/null 2>&1
        wait $__granary_child; __granary_code=$?
        kill $__granary_watch
        exit $__granary_code
        """;

    private readonly Process _process;
    private readonly LaunchSpec _spec;
    private readonly MemoryGroup? _memory;

    private ContainerProcess(Process process, LaunchSpec spec, MemoryGroup? memory, LogWriter log)
    {
        _process = process;
        _spec = spec;
        _memory = memory;
        StartedAt = DateTime.UtcNow;
        Exited = WatchAsync(log);
    }

    public DateTime StartedAt { get; }

    public Task<ContainerExit> Exited { get; }

    /// <summary>The host's id of the container's process 1; null before it is there.</summary>
    public int? Pid =>
        File.Exists(PidFile)
        && int.TryParse(File.ReadAllText(PidFile).AsSpan().Trim(), CultureInfo.InvariantCulture, out var pid)
            ? pid
            : null;

    private string PidFile => Path.Combine(_spec.Directory, "pid");

    public static ContainerProcess Start(LaunchSpec spec, MemoryGroup? memory, LogWriter log)
    {
        Directory.CreateDirectory(spec.Directory);
        var script = Path.Combine(spec.Directory, "launch.sh");
        File.WriteAllBytes(script, []);
        Posix.SetMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(script, LaunchScript.Write(spec));

        var info = new ProcessStartInfo("/bin/sh")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add(Guard);
        info.ArgumentList.Add("guard");
        info.ArgumentList.Add(script);
        info.ArgumentList.Add(Path.Combine(spec.Directory, "pid"));
        info.Environment.Clear();
        foreach (var (name, value) in spec.Environment)
        {
            info.Environment[name] = value;
        }

        return new ContainerProcess(Process.Start(info)!, spec, memory, log);
    }

    /// <summary>Asks process 1 to end; it may not listen.</summary>
    public async Task TerminateAsync(CancellationToken ct)
    {
        while (!Exited.IsCompleted && (Pid is null || !HasStarted()))
        {
            await Task.Delay(10, ct);
        }

        if (!Exited.IsCompleted && Pid is { } pid)
        {
            Posix.Signal(pid, Posix.Terminate);
        }
    }

    /// <summary>Ends the whole tree at once.</summary>
    public void Kill()
    {
        if (!Exited.IsCompleted)
        {
            // The guard's pipe ends, and with it the tree.
            _process.StandardInput.Close();
        }
    }

    /// <summary>The program and arguments that run a command inside of this container.</summary>
    public IReadOnlyList<string> Inside(IEnumerable<string> command) =>
        [
            "/usr/bin/nsenter",
            "--target",
            $"{Pid ?? 0}",
            "--mount",
            "--pid",
            "--uts",
            "--wd=/",
            "--",
            .. _spec.User.Prefix(),
            .. command,
        ];

    public IReadOnlyDictionary<string, string> Environment => _spec.Environment;

    public async ValueTask DisposeAsync()
    {
        _process.Dispose();
        if (_memory is not null)
        {
            await _memory.DisposeAsync();
        }
    }

    private bool HasStarted() =>
        File.Exists(Path.Combine(_spec.Directory, "started"))
        && new FileInfo(Path.Combine(_spec.Directory, "started")).Length > 0;

    private async Task<ContainerExit> WatchAsync(LogWriter log)
    {
        var output = log.CopyAsync("stdout", _process.StandardOutput.BaseStream);
        var errors = log.CopyAsync("stderr", _process.StandardError.BaseStream);
        await _process.WaitForExitAsync();
        await Task.WhenAll(output, errors);
        await log.DisposeAsync();
        var finished = DateTime.UtcNow;
        if (HasStarted())
        {
            return new ContainerExit(
                _process.ExitCode,
                _memory?.HasKilled == true && _process.ExitCode != 0,
                null,
                finished
            );
        }

        var path = Path.Combine(_spec.Directory, "setup-error");
        var error = File.Exists(path) ? (await File.ReadAllTextAsync(path)).Trim() : "";
        return _process.ExitCode == 137
            ? new ContainerExit(137, _memory?.HasKilled == true, null, finished)
            : new ContainerExit(
                128,
                false,
                error.Length == 0 ? "the container's namespaces could not be set up" : error,
                finished
            );
    }
}
