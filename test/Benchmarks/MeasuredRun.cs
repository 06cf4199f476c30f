using System.Globalization;
using Granary.TestSupport;

namespace Granary.Benchmarks;

/// <summary>What one run of a pipeline cost.</summary>
/// <param name="Wall">Seconds from start to end of the whole pipeline.</param>
/// <param name="Cpu">User and system seconds of the measured client alone.</param>
/// <param name="Memory">Peak resident set of the measured client, bytes.</param>
internal sealed record MeasuredRun(double Wall, double Cpu, double Memory)
{
    /// <summary>Runs a shell pipeline in which <c>$TIME</c> stands before the client that is measured.</summary>
    /// <remarks>The operating system's own accounting of the finished process, through GNU time.</remarks>
    public static async Task<MeasuredRun> OfAsync(
        string pipeline,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellationToken
    )
    {
        string figures = Path.GetTempFileName();
        try
        {
            var variables = new Dictionary<string, string>(environment) { ["FIGURES"] = figures };
            string script =
                "set -euo pipefail; TIME_FORMAT='%U %S %M'; "
                + pipeline.Replace(
                    "$TIME",
                    "/usr/bin/time -o \"$FIGURES\" -f \"$TIME_FORMAT\"",
                    StringComparison.Ordinal
                );
            long start = TimeProvider.System.GetTimestamp();
            CommandResult result = await TestSupport.CommandLine.RunAsync(
                "bash",
                ["-c", script],
                variables,
                cancellationToken: cancellationToken
            );
            double wall = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException(
                    $"{pipeline}\nexit status {result.ExitCode}\n{result.Output}\n{result.Error}"
                );
            }

            string[] fields = (await File.ReadAllLinesAsync(figures, cancellationToken))[^1].Split(' ');
            double[] numbers = [.. fields.Select(field => double.Parse(field, CultureInfo.InvariantCulture))];
            return new MeasuredRun(wall, numbers[0] + numbers[1], numbers[2] * 1024);
        }
        finally
        {
            File.Delete(figures);
        }
    }
}
