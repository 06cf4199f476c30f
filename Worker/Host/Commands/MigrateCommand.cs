using System.CommandLine;
using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;

namespace Granary.Worker.Commands;

/// <summary><c>migrate</c>: upgrades a repository from version 1 to 2.</summary>
internal static class MigrateCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services)
    {
        var command = new Command("migrate", "Upgrade a repository from version 1 to 2, which compresses.");
        var repository = new RepositoryOptions();
        repository.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var access = repository.Access(parsed, services);
            var opened = await access.OpenAsync(cancellationToken);
            await using var held = await repository.LockForWritingAsync(parsed, access, opened, LockMode.Exclusive, cancellationToken);
            var plan = opened.PlanMigration();
            await opened.MigrateAsync(plan, held, Path.GetTempPath(), cancellationToken);
            await services.Out.WriteLineAsync(repository.IsJson(parsed) ? Json.Line(plan, PrintedJson.Default.MigrationPlan) : $"the repository has version {plan.To} now");
            return ExitCodes.Success;
        });
        return command;
    }
}
