namespace Granary.Worker.Processes;

/// <summary>Says how a tool failed.</summary>
internal static class Failure
{
    private const int SignalBase = 128;

    /// <summary>One sentence with the exit status, then what the tool last said.</summary>
    /// <param name="tool">The tool's name.</param>
    /// <param name="status">Its exit status; above 128 it was ended by a signal.</param>
    /// <param name="diagnostics">The last lines it wrote, redacted.</param>
    public static string Describe(string tool, int status, string diagnostics)
    {
        var how = (status - SignalBase) switch
        {
            9 => "was killed (signal 9, possibly for using too much memory)",
            15 => "was asked to end (signal 15)",
            > 0 and var signal => $"was ended by signal {signal}",
            _ => $"failed with exit status {status}",
        };
        return diagnostics.Length == 0 ? $"{tool} {how}" : $"{tool} {how}: {diagnostics}";
    }
}
