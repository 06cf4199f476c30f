using Granary.Api.Names;
using Granary.TestSupport.Databases;
using Granary.TestSupport.Servers;
using Granary.Worker.Reporting;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Steps;

/// <summary>A bucket in between, with mounted Secrets, TLS and another PostgreSQL on the other side.</summary>
public sealed class S3Tests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15, 18)]
    [InlineData(18, 18)]
    public async Task A_bucket_carries_a_dump_from_one_major_to_another(int from, int to)
    {
        await using var moto = await MotoServer.StartAsync(cancellationToken: Token);
        await moto.CreateBucketAsync("backups", Token);
        await using var source = await PostgresServer.StartAsync(new() { Major = from }, Token);
        await using var target = await PostgresServer.StartAsync(new() { Major = to }, Token);
        await using var worker = await WorkerHarness.StartAsync();
        await SampleData.FillAsync(source, SampleSize.Small, Token);
        await worker.BindAsync("db", source);
        await worker.BindAsync("other", target);
        worker.Environment["GRANARY_STORAGE_SECRET_DIR"] = Mount(
            worker,
            "storage",
            ("RESTIC_PASSWORD", WorkerHarness.RepositoryPassword),
            ("AWS_ACCESS_KEY_ID", moto.AccessKey),
            ("AWS_SECRET_ACCESS_KEY", moto.SecretKey)
        );
        string[] common =
        [
            "--provider=s3",
            $"--endpoint={moto.Url}",
            "--bucket=backups",
            "--path=/some/prefix/",
            "--region=us-east-1",
            "--storage-secret-name=not-readable",
            $"--scratch-dir={worker.Folder["scratch"]}",
            $"--output-dir={worker.Folder["out"]}",
        ];

        Assert.Equal(
            0,
            await worker.RunAsync([
                "backup-pg",
                .. common,
                "--appbinding=db",
                "--hostname=alias",
                "--pg-args=--clean --if-exists",
            ])
        );
        var backup = await worker.HostAsync("out");
        Assert.Equal(
            0,
            await worker.RunAsync(["restore-pg", .. common, "--appbinding=other", "--source-hostname=alias"])
        );
        var restore = await worker.HostAsync("out");

        Assert.Equal(
            (HostPhase.Succeeded, null, HostPhase.Succeeded, null),
            (backup.Phase, backup.Error, restore.Phase, restore.Error)
        );
        Assert.Equal(["500"], await target.QueryAsync("SELECT count(*) FROM shop.customer", "shop", Token));
        if (from == to)
        {
            Assert.Empty(await ServerComparison.DifferencesAsync(source, target, Token));
        }

        Assert.DoesNotContain(moto.SecretKey, worker.Log, StringComparison.Ordinal);
        worker.Environment["RESTIC_REPOSITORY"] = $"s3:{moto.Url}/backups/some/prefix";
        worker.Environment["RESTIC_PASSWORD"] = WorkerHarness.RepositoryPassword;
        worker.Environment["AWS_ACCESS_KEY_ID"] = moto.AccessKey;
        worker.Environment["AWS_SECRET_ACCESS_KEY"] = moto.SecretKey;
        Assert.Equal(0, await worker.RunAsync("snapshots", "--json"));
        Assert.Contains("\"hostname\":\"alias\"", worker.Output, StringComparison.Ordinal);
    }

    private static string Mount(WorkerHarness worker, string name, params (string Key, string Value)[] data)
    {
        var folder = Directory.CreateDirectory(worker.Folder[name]).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "..data"));
        foreach (var (key, value) in data)
        {
            File.WriteAllText(Path.Combine(folder, key), value);
        }

        return folder;
    }
}
