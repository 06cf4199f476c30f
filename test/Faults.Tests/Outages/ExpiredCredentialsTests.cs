using System.Net;
using Granary.Storage;
using Granary.TestSupport.Servers;

namespace Granary.Faults.Tests.Outages;

/// <summary>Credentials expire between any two requests of a run.</summary>
public sealed class ExpiredCredentialsTests(Stores stores, Ledger ledger)
{
    private const int Stride = 4;

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "ExpiredToken")]
    [InlineData(HttpStatusCode.Forbidden, "AccessDenied")]
    public async Task A_backup_says_so_at_once_and_nothing_is_lost(HttpStatusCode status, string code)
    {
        var s3 = await stores.S3Async();
        var files = await OutageBench.Sample.FilesAsync(1);
        var faults = 0;
        for (var requests = 0; ; requests += Stride)
        {
            var name = $"expiring-{Guid.NewGuid():N}";
            await using var place = await stores.PrefixAsync(name);
            await place.PutAsync(files);
            await using var server = await ExpiringServer.StartAsync(s3.Url, requests, status, code);
            await using var expiring = (await stores.PrefixAsync(name, server.Url)).Backend;

            var failure = await Record.ExceptionAsync(() =>
                OutageBench.BackupAsync(OutageBench.Retrying(expiring), Sample.Doomed)
            );

            // After the snapshot is stored only the lock is left to remove, which the next run does.
            var tags = await OutageBench.Sample.EverySnapshotRestoresAsync(place.Backend);
            if (failure is null)
            {
                Assert.Equal(["0", "new"], tags);
            }
            else
            {
                var denied = Assert.IsType<StorageException>(failure);
                Assert.Equal(StorageError.AccessDenied, denied.Error);
                Assert.Contains(code, denied.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(s3.SecretKey, denied.ToString(), StringComparison.Ordinal);
            }

            if (!server.HasExpired)
            {
                break;
            }

            faults++;
            await OutageBench.NothingIsLostAsync(place, "0");
        }

        ledger.Faults($"backup on S3, {code}", faults, 0);
        Assert.True(faults > 3, $"only {faults} faults were injected");
    }
}
