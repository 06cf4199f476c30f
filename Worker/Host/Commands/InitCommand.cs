using System.CommandLine;

namespace Granary.Worker.Commands;

/// <summary><c>init</c>: makes a repository.</summary>
internal static class InitCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services)
    {
        var command = new Command("init", "Make a new repository.");
        var repository = new RepositoryOptions();
        var version = Flag.Number("--repository-version", "Format version, 1 or 2.", 2);
        repository.AddTo(command);
        command.Options.Add(version);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var access = repository.Access(parsed, services);
            var made = await access.InitAsync((int)parsed.GetValue(version), cancellationToken);
            await services.Out.WriteLineAsync(repository.IsJson(parsed)
                ? Json.Line(new PrintedInit("initialized", made.Id, access.Backend.Location), PrintedJson.Default.PrintedInit)
                : $"created repository {made.Id[..10]} at {access.Backend.Location}");
            return ExitCodes.Success;
        });
        return command;
    }
}
