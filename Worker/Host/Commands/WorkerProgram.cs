using System.CommandLine;
using Granary.Worker.Commands.ByHand;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Steps;
using Granary.Worker.Processes;
using Granary.Worker.Reporting;
using Granary.Worker.Streams;
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
            Terminal =
                !options.IsInPod && !Console.IsErrorRedirected
                    ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) })
                    : null,
        };
        return await RunAsync(arguments, services, cancellationToken);
    }

    /// <summary>Runs a command.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        WorkerServices services,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var parsed = Parse(arguments, services);
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,

                // The help that comes with an error is no result: whoever reads the standard output waits for one.
                Output = parsed.Errors.Count == 0 ? services.Out : services.Error,
                Error = services.Error,
            };
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            services.Log.Interrupted();
            return ExitCodes.Interrupted;
        }
        catch (OutputClosedException)
        {
            return ExitCodes.OutputClosed;
        }
        catch (Exception e) when (ExitCodes.IsExpected(e))
        {
            services.Log.CommandFailed(FailureText.Of(e, services.Redactor));
            return ExitCodes.For(e);
        }
        catch (Exception e)
        {
            services.Log.CommandBroke(services.Redactor.Redact(e.ToString()));
            return ExitCodes.For(e);
        }
    }

    /// <summary>Reads a command line.</summary>
    public static ParseResult Parse(IReadOnlyList<string> arguments, WorkerServices services)
    {
        Command[] steps =
        [
            CreateBackupSessionCommand.Create(services),
            MaintainRepositoryCommand.Create(services),
            BackupPgCommand.Create(services),
            RestorePgCommand.Create(services),
            UpdateStatusCommand.Create(services),
        ];
        var root = new RootCommand("Granary's worker: backs PostgreSQL up into restic repositories, and restores it.");
        foreach (var step in steps)
        {
            root.Subcommands.Add(step);
        }

        // One set of flags for all of these commands and the program itself, so that they may stand before a command's
        // name as well.
        var repository = new RepositoryOptions();
        repository.AddTo(root);
        foreach (var command in ByHand(services, repository))
        {
            root.Subcommands.Add(command);
        }

        var isStep = arguments.Count > 0 && steps.Any(step => step.Name == arguments[0]);

        // A user's value may begin with an @; it names no file.
        return root.Parse(
            isStep ? Flag.Normalize(arguments) : Flag.KeepEmpty(arguments),
            new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null }
        );
    }

    private static Command[] ByHand(WorkerServices services, RepositoryOptions repository) =>
        [
            InitCommand.Create(services, repository),
            SnapshotsCommand.Create(services, repository),
            DumpFileCommand.Create(services, repository),
            BackupCommand.Create(services, repository),
            ForgetCommand.Create(services, repository),
            PruneCommand.Create(services, repository),
            CheckCommand.Create(services, repository),
            StatsCommand.Create(services, repository),
            UnlockCommand.Create(services, repository),
            ListCommand.Create(services, repository),
            KeyCommand.Create(services, repository),
            RepairCommand.Create(services, repository),
            MigrateCommand.Create(services, repository),
        ];
}
