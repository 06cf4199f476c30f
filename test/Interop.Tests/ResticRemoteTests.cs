using Granary.Engine.Archiving;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Storage;
using Granary.Storage.Decorators;
using Granary.Storage.S3;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.Interop.Tests;

/// <summary>The reference program and the engine on one bucket.</summary>
public sealed class ResticRemoteTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_programs_share_a_bucket()
    {
        await using var server = await MotoServer.StartAsync(cancellationToken: Cancellation);
        await server.CreateBucketAsync("backups", Cancellation);
        var secret = new Secret("bucket-password");
        var options = new S3Options
        {
            Endpoint = server.Url,
            Bucket = "backups",
            Prefix = "demo/pg",
            AccessKeyId = new Secret(server.AccessKey),
            SecretAccessKey = new Secret(server.SecretKey),
        };
        await using var backend = new RetryingBackend(
            S3Backend.Create(options, TimeProvider.System),
            new RetryOptions(),
            TimeProvider.System
        );
        var restic = new ResticCli(
            $"s3:{server.Url}/backups/demo/pg",
            secret.Reveal(),
            new Dictionary<string, string>
            {
                ["AWS_ACCESS_KEY_ID"] = server.AccessKey,
                ["AWS_SECRET_ACCESS_KEY"] = server.SecretKey,
            }
        );
        var (ours, theirs) = (SeededBytes.CopyText("ours", 20_000_000), SeededBytes.Random("theirs", 20_000_000));
        var repository = await Repository.InitAsync(
            backend,
            secret,
            new InitOptions { Cost = new KeyCost(1024, 8, 1) },
            Cancellation
        );

        await using (var held = await repository.LockAsync(LockMode.Shared, new LockOwner("h", "u", 1), Cancellation))
        {
            var writing = await repository.LoadIndexAsync(Cancellation);
            var result = await writing.BackupAsync(
                [new BytesSource("db.sql", ours)],
                new BackupOptions { Hostname = "host-0" },
                null,
                held,
                Cancellation
            );
            await writing.VerifySnapshotAsync(result.SnapshotId, Cancellation);
        }

        using var dumped = new MemoryStream();
        (
            await restic.RunAsync(["dump", "latest", "/db.sql"], output: dumped, cancellationToken: Cancellation)
        ).Succeeded();
        Assert.Equal(ours, dumped.ToArray());
        (
            await restic.RunAsync(
                ["backup", "--stdin", "--stdin-filename", "theirs.sql"],
                new MemoryStream(theirs),
                cancellationToken: Cancellation
            )
        ).Succeeded();
        (await restic.RunAsync(["check", "--read-data"], cancellationToken: Cancellation)).Succeeded();

        var snapshot = await repository.FindSnapshotAsync(
            "latest",
            new SnapshotFilter { Paths = ["/theirs.sql"] },
            Cancellation
        );
        var indexed = await repository.LoadIndexAsync(Cancellation);
        using var read = new MemoryStream();
        await indexed.DumpAsync(snapshot, "/theirs.sql", read, new DumpOptions(), null, Cancellation);
        Assert.Equal(theirs, read.ToArray());
    }
}
