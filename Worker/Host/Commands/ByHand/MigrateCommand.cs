using System.CommandLine;
using Granary.Access;
using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Worker.Commands.Flags;
using Granary.Worker.Commands.Printing;

namespace Granary.Worker.Commands.ByHand;

/// <summary><c>migrate</c>: upgrades a repository from version 1 to 2.</summary>
internal static class MigrateCommand
{
    /// <summary>restic's name of the only migration that there is.</summary>
    private const string UpgradeToVersion2 = "upgrade_repo_v2";

    /// <summary>Makes the command.</summary>
    public static Command Create(WorkerServices services, RepositoryOptions repository)
    {
        var command = new Command("migrate", "Upgrade a repository from version 1 to 2, which compresses.");
        var named = Flag.Words(
            "migration",
            $"{UpgradeToVersion2}, which is the only one there is and may be left out."
        );
        repository.AddTo(command);
        command.Arguments.Add(named);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                if ((parsed.GetValue(named) ?? []).FirstOrDefault(name => name != UpgradeToVersion2) is { } unknown)
                {
                    throw new StepFailedException($"There is no migration '{unknown}'; there is {UpgradeToVersion2}");
                }

                await using var access = await repository.AccessAsync(parsed, services, cancellationToken);
                var opened = await access.OpenAsync(cancellationToken);
                await using var held = await repository.LockForWritingAsync(
                    parsed,
                    access,
                    opened,
                    LockMode.Exclusive,
                    cancellationToken
                );
                var isDone = opened.Version >= 2;
                var plan = isDone ? new MigrationPlan(opened.Version, opened.Version) : opened.PlanMigration();
                if (!isDone)
                {
                    await opened.MigrateAsync(plan, held, Path.GetTempPath(), cancellationToken);
                }

                await services.Out.WriteLineAsync(
                    repository.IsJson(parsed)
                        ? Json.Line(plan, PrintedJson.Default.MigrationPlan)
                        : $"the repository has version {plan.To} {(isDone ? "already; there is nothing to do" : "now")}"
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }
}
