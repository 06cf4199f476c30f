using System.Diagnostics;
using System.Text;

namespace Granary.TestSupport;

/// <summary>What a finished program left.</summary>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">Its standard output as text.</param>
/// <param name="Error">Its standard error as text.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Itself, or a failure that shows what was printed.</summary>
    public CommandResult Succeeded() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"exit status {ExitCode}\n{Output}\n{Error}");
}

/// <summary>Runs programs to their end.</summary>
public static class CommandLine
{
    /// <summary>Runs a program, feeds it <paramref name="input"/> and collects what it prints.</summary>
    public static async Task<CommandResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        Stream? input = null,
        Stream? output = null,
        string? workingDirectory = null,
        CancellationToken cancellationToken = default
    )
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[name] = value;
        }

        using Process process = Process.Start(info) ?? throw new InvalidOperationException($"{program} did not start.");
        await using CancellationTokenRegistration kill = cancellationToken.Register(() =>
            process.Kill(entireProcessTree: true)
        );
        using var text = new MemoryStream();
        Task reading = process.StandardOutput.BaseStream.CopyToAsync(output ?? text, CancellationToken.None);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            if (input is not null)
            {
                await input.CopyToAsync(process.StandardInput.BaseStream, cancellationToken);
            }

            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The program ended before it read everything, or was killed: in any case its end is awaited below, so that
            // nobody who comes after finds it still there.
        }

        await reading;
        string error = await errors;
        await process.WaitForExitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return new CommandResult(process.ExitCode, Encoding.UTF8.GetString(text.ToArray()), error);
    }
}
