using System.CommandLine;
using Granary.Worker.Processes;
using Granary.Worker.Reporting;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Granary.Worker.Commands;

/// <summary>The program: its commands, its logging, and what becomes of a failure.</summary>
internal static class WorkerProgram
{
    /// <summary>Runs a command of this process.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        WorkerOptions options;
        try
        {
            options = WorkerOptions.From(Environment.GetEnvironmentVariable);
        }
        catch (StepFailedException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.Failed;
        }

        using var loggers = Logging.Create(options);
        var log = loggers.CreateLogger("granary");
        ProcessPriority.Apply(options.Variable, log);
        using var services = new WorkerServices(options, log, TimeProvider.System)
        {
            Terminal = !options.IsInPod && !Console.IsErrorRedirected
                ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) })
                : null,
        };
        return await RunAsync(arguments, services, cancellationToken);
    }

    /// <summary>Runs a command.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, WorkerServices services, CancellationToken cancellationToken)
    {
        try
        {
            return await Parse(arguments, services).InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = services.Out },
                cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            WorkerLog.Interrupted(services.Log);
            return ExitCodes.Interrupted;
        }
        catch (OutputClosedException)
        {
            return ExitCodes.OutputClosed;
        }
        catch (Exception e) when (ExitCodes.IsExpected(e))
        {
            WorkerLog.CommandFailed(services.Log, FailureText.Of(e, services.Redactor));
            return ExitCodes.For(e);
        }
        catch (Exception e)
        {
            WorkerLog.CommandBroke(services.Log, services.Redactor.Redact(e.ToString()));
            return ExitCodes.For(e);
        }
    }

    /// <summary>Reads a command line.</summary>
    public static ParseResult Parse(IReadOnlyList<string> arguments, WorkerServices services)

        // A user's value may begin with an @; it names no file.
        => Root(services).Parse(Flag.Normalize(arguments), new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });

    private static RootCommand Root(WorkerServices services) => new("Granary's worker: backs PostgreSQL up into restic repositories, and restores it.")
    {
        CreateBackupSessionCommand.Create(services),
        BackupPgCommand.Create(services),
        RestorePgCommand.Create(services),
        UpdateStatusCommand.Create(services),
        InitCommand.Create(services),
        SnapshotsCommand.Create(services),
        DumpFileCommand.Create(services),
        BackupCommand.Create(services),
        ForgetCommand.Create(services),
        PruneCommand.Create(services),
        CheckCommand.Create(services),
        StatsCommand.Create(services),
        UnlockCommand.Create(services),
        ListCommand.Create(services),
        KeyCommand.Create(services),
        RepairCommand.Create(services),
        MigrateCommand.Create(services),
    };
}
