using Granary.Api.Common;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Invokers;
using Granary.Operator.Tasks;
using Granary.Operator.Tests.Support;

namespace Granary.Operator.Tests.Tasks;

/// <summary>Every Task of the catalog that is shipped resolves without a question left open.</summary>
public sealed class CatalogTests
{
    private static readonly Dictionary<string, Function> Functions = TestCluster
        .Load<Function>("config/catalog", "Function")
        .ToDictionary(function => function.Metadata.Name);

    public static TheoryData<string> Names =>
        [.. TestCluster.Load<StashTask>("config/catalog", "Task").Select(task => task.Metadata.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_Task_resolves(string name)
    {
        var task = TestCluster.Load<StashTask>("config/catalog", "Task").Single(one => one.Metadata.Name == name);
        var isBackup = name.Contains("backup", StringComparison.Ordinal);

        var resolved = TaskResolution.Resolve(task, Functions, isBackup ? Backup() : Restore());

        Assert.Equal("update-status-1", resolved.Steps[^1].Name);
        Assert.Equal(isBackup ? "backup-pg" : "restore-pg", resolved.Steps[0].Function.Args![0]);
        Assert.DoesNotContain(resolved.Steps.SelectMany(step => step.Function.Args!), argument =>
            argument.Contains("${", StringComparison.Ordinal)
        );
        Assert.Contains($"--backupsession={(isBackup ? "pg-backup-1" : "")}", resolved.Steps[^1].Function.Args!);
        Assert.Contains("--output-dir=/stash-tmp/output", resolved.Steps[0].Function.Args!);
    }

    private static IReadOnlyDictionary<string, string> Backup()
    {
        var invoker = BackupInvoker.Of(Make.Configuration());
        return VariableCatalogue.ForBackup(invoker, invoker.Members[0], "pg-backup-1", Surroundings(), new TaskRef());
    }

    private static IReadOnlyDictionary<string, string> Restore()
    {
        var invoker = RestoreInvoker.Of(Make.Restore());
        var source = RestoreSource.For(invoker.Members[0])!;
        return VariableCatalogue.ForRestore(invoker, invoker.Members[0], source, Surroundings(), new TaskRef());
    }

    private static JobSurroundings Surroundings() => new(Make.Repository(), Make.AppBinding(), Make.Options);
}
