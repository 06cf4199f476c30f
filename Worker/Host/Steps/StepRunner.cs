using Granary.Api;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Worker.Reporting;

namespace Granary.Worker.Steps;

/// <summary>What a step that succeeded has to tell.</summary>
/// <param name="Snapshots">The snapshots it made; null for a restore.</param>
/// <param name="Conditions">Conditions to set on the target.</param>
internal sealed record StepResult(IReadOnlyList<SnapshotOutput>? Snapshots, IReadOnlyList<Condition> Conditions);

/// <summary>Runs the work of a step and writes how it went to <c>output.json</c>.</summary>
internal sealed class StepRunner(WorkerServices services)
{
    /// <summary>
    /// Runs the work. Its failure is written to the output, and the exit status is 0: the next step is to report it.
    /// </summary>
    /// <param name="outputDirectory">
    /// Where the output goes; empty when somebody runs the step by hand, who then sees the exit status.
    /// </param>
    /// <param name="hostname">The host that is reported.</param>
    /// <param name="target">The target that is reported.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Stops the work; nothing is written then, as the Pod is going away.</param>
    public async Task<int> RunAsync(
        string outputDirectory,
        string hostname,
        TargetRef target,
        Func<CancellationToken, Task<StepResult>> work,
        CancellationToken cancellationToken
    )
    {
        var start = services.Time.GetTimestamp();
        var host = new HostOutput { Hostname = hostname };
        var output = new StepOutput
        {
            TargetStatus = new TargetOutput { Ref = target, Stats = [host] },
        };
        var exitCode = ExitCodes.Success;
        try
        {
            var result = await work(cancellationToken);
            host.Phase = HostPhase.Succeeded;
            host.Snapshots = result.Snapshots?.ToList();
            output.TargetStatus.Conditions.AddRange(result.Conditions);
        }
        catch (Exception e) when (!(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            host.Error = FailureText.Of(e, services.Redactor);
            exitCode = ExitCodes.For(e);
            if (ExitCodes.IsExpected(e))
            {
                services.Log.StepFailed(host.Error);
            }
            else
            {
                services.Log.StepBroke(host.Error, services.Redactor.Redact(e.ToString()));
            }
        }

        host.Duration = GoDuration.Format(Rounded(services.Time.GetElapsedTime(start)));
        if (outputDirectory.Length == 0)
        {
            await services.Out.WriteLineAsync(k8s.KubernetesJson.Serialize(output).AsMemory(), CancellationToken.None);
            return exitCode;
        }

        // From here on nothing is to be cancelled: what was done has to be told.
        await OutputFile.WriteAsync(outputDirectory, output, CancellationToken.None);
        return ExitCodes.Success;
    }

    /// <summary>A Go duration with at most milliseconds; nobody reads more.</summary>
    private static TimeSpan Rounded(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Round(time.TotalMilliseconds));
}
