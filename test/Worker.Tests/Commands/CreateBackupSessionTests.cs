using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Worker.Tests.Support;
using k8s;

namespace Granary.Worker.Tests.Commands;

public sealed class CreateBackupSessionTests
{
    [Fact]
    public async Task A_session_carries_its_invoker_and_the_labels_that_people_search_by()
    {
        await using var worker = await WorkerHarness.StartAsync();
        await worker.PrepareLocalAsync("db");

        var exitCode = await worker.RunAsync(
            "create-backupsession",
            "--invoker-name=nightly",
            "--invoker-kind=BackupConfiguration"
        );

        var session = Assert.Single(await SessionsAsync(worker));
        var owner = Assert.Single(session.Metadata.OwnerReferences);
        var invoker = await worker.ReadAsync<BackupConfiguration>("nightly");
        Assert.Equal(0, exitCode);
        Assert.Matches("^nightly-[0-9]{10}$", session.Metadata.Name);
        Assert.Equal(
            ("BackupConfiguration", "nightly", invoker.Metadata.Uid, true),
            (owner.Kind, owner.Name, owner.Uid, owner.Controller)
        );
        Assert.Equal(
            (Kinds.StashGroup, "BackupConfiguration", "nightly"),
            (session.Spec.Invoker!.ApiGroup, session.Spec.Invoker.Kind, session.Spec.Invoker.Name)
        );
        Assert.Equal(3, session.Spec.RetryLeft);
        Assert.Equal("blue", session.Metadata.Labels["team"]);
        Assert.Equal("nightly", session.Metadata.Labels[Labels.InvokerName]);
        Assert.Equal("db", session.Metadata.Labels[Labels.TargetName]);
        Assert.Equal(Labels.BackupComponent, session.Metadata.Labels[Labels.Component]);
    }

    [Fact]
    public async Task Creating_the_session_of_one_moment_twice_makes_one()
    {
        await using var worker = await WorkerHarness.StartAsync();
        await worker.PrepareLocalAsync("db");
        worker.Time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));

        Assert.Equal(0, await worker.RunAsync("create-backupsession", "--invoker-name=nightly"));
        Assert.Equal(0, await worker.RunAsync("create-backupsession", "--invoker-name=nightly"));

        Assert.Single(await SessionsAsync(worker));
    }

    [Theory]
    [InlineData("--invoker-name=missing", "BackupConfiguration demo/missing does not exist")]
    [InlineData("--invoker-kind=RestoreSession", "may be BackupConfiguration or BackupBatch")]
    public async Task What_cannot_be_invoked_fails(string flag, string expected)
    {
        await using var worker = await WorkerHarness.StartAsync();

        Assert.Equal(1, await worker.RunAsync("create-backupsession", flag));
        Assert.Contains(expected, worker.Log, StringComparison.Ordinal);
    }

    private static async Task<IList<BackupSession>> SessionsAsync(WorkerHarness worker)
    {
        var list = await worker.Kubernetes.CustomObjects.ListNamespacedCustomObjectAsync<SessionList>(
            Kinds.StashGroup,
            "v1beta1",
            WorkerHarness.Namespace,
            "backupsessions",
            cancellationToken: TestContext.Current.CancellationToken
        );
        return list.Items;
    }

    private sealed class SessionList : k8s.IKubernetesObject
    {
        public string ApiVersion { get; set; } = "";

        public string Kind { get; set; } = "";

        public List<BackupSession> Items { get; set; } = [];
    }
}
