using Granary.Api.Names;
using Granary.Worker.Reporting;
using Granary.Worker.Steps.UpdateStatus;

namespace Granary.Worker.Steps;

/// <summary>Reads what the step before left, and makes a failure of what it did not leave.</summary>
internal static class StepReport
{
    /// <summary>The step's result; never without a host.</summary>
    public static async Task<TargetOutput> ReadAsync(UpdateRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var output = await OutputFile.ReadAsync(request.OutputDirectory, cancellationToken);
            return output?.TargetStatus is { Stats.Count: > 0 } status
                ? status
                : Failed($"The step before wrote no result to {request.OutputDirectory}");
        }
        catch (StepFailedException e)
        {
            return Failed(e.Message);
        }
    }

    private static TargetOutput Failed(string error) =>
        new()
        {
            Stats =
            [
                new HostOutput
                {
                    Hostname = PodNames.DefaultHost,
                    Phase = HostPhase.Failed,
                    Error = error,
                },
            ],
        };
}
