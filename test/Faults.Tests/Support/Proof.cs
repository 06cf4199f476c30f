using Granary.TestSupport;

namespace Granary.Faults.Tests;

/// <summary>The reference program's opinion of a repository.</summary>
internal static class Proof
{
    /// <summary>
    /// Reads every pack. Fails on anything worse than unreferenced data, which <c>restic check</c> does not count as an
    /// error.
    /// </summary>
    /// <remarks>Without a lock, as one of a dead process may still be there.</remarks>
    public static async Task ResticFindsNoErrorAsync(Place place, CancellationToken cancellationToken)
    {
        var restic = new ResticCli(place.Location, Sample.Password, place.Credentials);
        var checkup = await restic.RunAsync(
            ["check", "--read-data", "--no-lock"],
            cancellationToken: cancellationToken
        );
        Assert.True(
            checkup.ExitCode == 0,
            $"restic check: exit status {checkup.ExitCode}\n{checkup.Output}\n{checkup.Error}"
        );
        Assert.Contains("no errors were found", checkup.Output, StringComparison.Ordinal);
    }
}
