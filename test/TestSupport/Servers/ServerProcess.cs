using System.Collections.Concurrent;
using System.Diagnostics;

namespace Granary.TestSupport.Servers;

/// <summary>A program that runs while a test needs it; ended by process id, with everything it started.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private const int KeptLines = 200;

    /// <summary>
    /// Python and Node servers take seconds to start, and many times that on a machine with more to do.
    /// </summary>
    private static readonly TimeSpan PatienceAtStart = TimeSpan.FromMinutes(3);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    private ServerProcess(Process process) => _process = process;

    /// <summary>The operating system's number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Whether the program has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The last lines that the program printed, for messages.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Starts a program and waits until the probe says that it serves.</summary>
    public static async Task<ServerProcess> StartAsync(
        string program,
        IEnumerable<string> arguments,
        Func<Task<bool>>? ready = null,
        IReadOnlyDictionary<string, string>? environment = null,
        CancellationToken cancellationToken = default
    )
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[name] = value;
        }

        var server = new ServerProcess(
            Process.Start(info) ?? throw new InvalidOperationException($"{program} did not start.")
        );
        server._process.OutputDataReceived += server.Keep;
        server._process.ErrorDataReceived += server.Keep;
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        if (ready is not null)
        {
            try
            {
                await Eventually.TrueAsync(
                    $"{program} to serve",
                    async () =>
                        server.HasExited
                            ? throw new OperationCanceledException(
                                $"{program} ended with {server._process.ExitCode}:\n{server.Output}"
                            )
                            : await ready(),
                    PatienceAtStart,
                    cancellationToken
                );
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }

        return server;
    }

    /// <summary>Kills the program and what it started, at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not { } text)
        {
            return;
        }

        _lines.Enqueue(text);
        while (_lines.Count > KeptLines && _lines.TryDequeue(out _)) { }
    }
}
