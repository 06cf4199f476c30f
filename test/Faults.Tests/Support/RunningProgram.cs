using System.Diagnostics;
using Granary.TestSupport.Servers;

namespace Granary.Faults.Tests;

/// <summary>A program that reads some bytes, prints some, and may be killed at any moment.</summary>
internal sealed class RunningProgram : IDisposable
{
    private readonly Process _process;
    private readonly MemoryStream _output = new();
    private readonly Task _feeding;
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private RunningProgram(Process process, byte[] input)
    {
        _process = process;
        _feeding = FeedAsync(input);
        _reading = process.StandardOutput.BaseStream.CopyToAsync(_output);
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it has printed; read it after <see cref="EndAsync"/>.</summary>
    public ReadOnlySpan<byte> Output => _output.GetBuffer().AsSpan(0, (int)_output.Length);

    /// <summary>What it said on its standard error.</summary>
    public string Errors { get; private set; } = "";

    /// <summary>Whether it was alive when it was killed.</summary>
    public bool IsKilled { get; private set; }

    public static RunningProgram Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        byte[]? input = null
    )
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        return new RunningProgram(
            Process.Start(info) ?? throw new InvalidOperationException($"{program} did not start."),
            input ?? []
        );
    }

    /// <summary>SIGKILL, unless it has ended already.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        IsKilled = _process.ExitCode == 128 + TestSupport.Servers.Signals.Kill;
    }

    /// <summary>Waits for its end, and answers its exit status.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync();
        await _feeding;
        await _reading;
        Errors = await _errors;
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
        _output.Dispose();
    }

    private async Task FeedAsync(byte[] input)
    {
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync(input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is dead, or did not want to read everything.
        }
    }
}
