using System.CommandLine;
using Granary.Access;
using Granary.Engine.Repositories;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>unlock</c>: removes locks whose owners are gone.</summary>
internal static class UnlockCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("unlock", "Remove locks whose owners are gone.");
        var all = Flag.Switch("--remove-all", "Remove every lock. Dangerous while somebody works on the repository.");
        repository.AddTo(command);
        command.Options.Add(all);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var opened = await access.OpenAsync(cancellationToken);
                var removed = parsed.GetValue(all)
                    ? await opened.UnlockAllAsync(cancellationToken)
                    : await opened.UnlockAsync(access.Self, access.UnlockOptions, cancellationToken);
                await services.Out.WriteLineAsync(
                    repository.IsJson(parsed)
                        ? Json.Line(new PrintedUnlock("unlock", removed), PrintedJson.Default.PrintedUnlock)
                        : $"removed {removed} locks"
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }
}
