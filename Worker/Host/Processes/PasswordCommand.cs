using System.Diagnostics;
using Granary.Access;
using Granary.Storage;

namespace Granary.Worker.Processes;

/// <summary>A shell command that prints a password.</summary>
internal static class PasswordCommand
{
    /// <summary>
    /// Runs it. It may ask at the terminal and complain on the standard error; of the standard input, which may be a
    /// backup's, it sees nothing.
    /// </summary>
    /// <param name="name">What names the command: a flag or a variable.</param>
    /// <param name="command">The command. It is kept out of messages, as it may hold a secret itself.</param>
    /// <param name="redactor">Is told of the password.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StepFailedException">It fails, or prints nothing.</exception>
    public static async Task<Secret> RunAsync(
        string name,
        string command,
        Redactor redactor,
        CancellationToken cancellationToken
    )
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("/bin/sh", ["-c", command])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            },
        };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new StepFailedException($"{name}: /bin/sh cannot be started: {e.Message}", e);
        }

        try
        {
            process.StandardInput.Close();
            var printed = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? PasswordFile.Trimmed(printed, $"{name}: what the command printed", redactor)
                : throw new StepFailedException($"{name}: {Failure.Describe("the command", process.ExitCode, "")}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
