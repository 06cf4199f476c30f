using System.CommandLine;
using Granary.Access;
using Granary.Engine.Repositories;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>init</c>: makes a repository.</summary>
internal static class InitCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("init", "Make a new repository.");
        var version = Flag.Text(
            "--repository-version",
            "Format version: 1, 2, stable or latest, which both mean 2.",
            "stable"
        );
        repository.AddTo(command);
        command.Options.Add(version);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var wanted = Version(parsed.GetValue(version) ?? "");
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var made = await access.InitAsync(wanted, cancellationToken);
                await services.Out.WriteLineAsync(
                    repository.IsJson(parsed)
                        ? Json.Line(
                            new PrintedInit("initialized", made.Id, access.Backend.Location),
                            PrintedJson.Default.PrintedInit
                        )
                        : $"created repository {made.Id[..10]} at {access.Backend.Location}"
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static int Version(string text) =>
        text switch
        {
            "1" => 1,
            "2" or "stable" or "latest" => 2,
            _ => throw new StepFailedException($"--repository-version is '{text}'; it may be 1, 2, stable or latest"),
        };
}
