using System.CommandLine;
using Granary.Access;
using Granary.Engine.Checking;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;
using Granary.Worker.Progress;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>check</c>: looks for damage.</summary>
internal static class CheckCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("check", "Look for damage in a repository.");
        var readData = Flag.Switch("--read-data", "Read every pack.");
        var subset = Flag.Text("--read-data-subset", "Read some packs: n/t, x% or a size such as 500M.");
        repository.AddTo(command);
        command.Options.Add(readData);
        command.Options.Add(subset);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var options = new CheckOptions
                {
                    ReadData = Subset(parsed.GetValue(readData), parsed.GetValue(subset) ?? ""),
                };
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var opened = await access.OpenAsync(cancellationToken);
                await using var held = await repository.LockAsync(
                    parsed,
                    access,
                    opened,
                    LockMode.Exclusive,
                    cancellationToken
                );
                var report = await new ProgressDisplay(services).RunAsync(progress =>
                    opened.CheckAsync(options, held, progress, cancellationToken)
                );
                await services.Out.WriteLineAsync(repository.IsJson(parsed) ? JsonOf(report) : Text(report));
                return report.IsSound ? ExitCodes.Success : ExitCodes.Failed;
            }
        );
        return command;
    }

    private static PackSubset Subset(bool all, string subset)
    {
        try
        {
            return all ? new PackSubset.All()
                : subset.Length == 0 ? new PackSubset.None()
                : PackSubset.Parse(subset);
        }
        catch (FormatException e)
        {
            throw new StepFailedException(e.Message);
        }
    }

    private static string JsonOf(CheckReport report) =>
        Json.Line(
            new PrintedCheck(
                MessageType: "summary",
                NumErrors: report.Errors.Count,
                Errors: report.Errors,
                Hints: report.Hints,
                UnreferencedPacks: report.UnreferencedPacks,
                Snapshots: report.Snapshots,
                Packs: report.Packs,
                PacksRead: report.PacksRead,
                BytesRead: report.BytesRead
            ),
            PrintedJson.Default.PrintedCheck
        );

    private static string Text(CheckReport report) =>
        string.Join(
            Environment.NewLine,
            [
                .. report.Errors.Select(error => $"error: {error}"),
                .. report.Hints.Select(hint => $"hint: {hint}"),
                $"{report.Snapshots} snapshots, {report.Packs} packs, {report.PacksRead} of them read, "
                    + $"{report.UnreferencedPacks.Count} unreferenced",
                report.IsSound ? "no errors were found" : $"{report.Errors.Count} errors were found",
            ]
        );
}
