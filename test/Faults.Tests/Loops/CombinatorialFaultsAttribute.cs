using System.Reflection;
using Granary.TestSupport;
using Xunit.Sdk;
using Xunit.v3;

namespace Granary.Faults.Tests.Loops;

/// <summary>Each of the five operations with each of some faults.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CombinatorialFaultsAttribute(params Fault[] kinds) : DataAttribute
{
    private static readonly string[] Operations = ["backup", "forget", "prune", "check", "dump"];

    public override bool SupportsDiscoveryEnumeration() => true;

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        MethodInfo testMethod,
        DisposalTracker disposalTracker
    ) =>
        new([
            .. Operations.SelectMany(operation =>
                kinds.Select(kind => new TheoryDataRow<string, Fault>(operation, kind))
            ),
        ]);
}
