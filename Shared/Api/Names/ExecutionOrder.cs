namespace Granary.Api.Names;

/// <summary>Whether the members of a batch run at one time.</summary>
public static class ExecutionOrder
{
    public const string Parallel = "Parallel";
    public const string Sequential = "Sequential";
}
