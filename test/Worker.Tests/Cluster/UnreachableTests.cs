using Granary.TestSupport;
using Granary.Worker.Cluster;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Worker.Tests.Cluster;

public sealed class UnreachableTests
{
    [Fact]
    public async Task An_API_server_that_cannot_be_reached_is_a_foreseen_failure_that_names_the_address()
    {
        var address = $"http://127.0.0.1:{FreePort.Next()}";
        var time = new FakeTimeProvider();
        using var cluster = new ClusterClient(
            new Kubernetes(new KubernetesClientConfiguration { Host = address }),
            time,
            NullLogger.Instance
        );

        var asking = cluster.FindSecretAsync("demo", "storage", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync("the client gives up", () =>
        {
            time.Advance(TimeSpan.FromSeconds(20));
            return Task.FromResult(asking.IsCompleted);
        });

        var failure = await Assert.ThrowsAsync<StepFailedException>(() => asking);
        Assert.StartsWith($"Cannot reach the API server at {address}/", failure.Message, StringComparison.Ordinal);
        Assert.True(ExitCodes.IsExpected(failure));
    }
}
