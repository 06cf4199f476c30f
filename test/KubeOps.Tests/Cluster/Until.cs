using Granary.TestSupport;

namespace KubeOps.Tests.Cluster;

/// <summary>Waits for a condition, no longer than the test may.</summary>
internal static class Until
{
    public static Task TrueAsync(string what, Func<bool> probe) =>
        Eventually.TrueAsync(
            what,
            () => Task.FromResult(probe()),
            cancellationToken: TestContext.Current.CancellationToken
        );

    public static Task TrueAsync(string what, Func<Task<bool>> probe) =>
        Eventually.TrueAsync(what, probe, cancellationToken: TestContext.Current.CancellationToken);
}
