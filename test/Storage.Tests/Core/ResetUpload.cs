using Granary.Storage.Contract;
using Granary.TestSupport.StandIns;
using Microsoft.AspNetCore.Http;

namespace Granary.Storage.Tests;

/// <summary>
/// The proof that no client sends an upload again by itself: its connection is reset after a megabyte, and a second try
/// would be counted as well.
/// </summary>
internal static class ResetUpload
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Uploads a pack to a server that resets the connection; asserts one try and a passing fault.</summary>
    /// <param name="open">Makes the backend for a server.</param>
    public static async Task IsSentOnceAsync(Func<StubServer, IBackend> open)
    {
        var received = 0L;
        await using var server = await StubServer.StartAsync(async context =>
        {
            var buffer = new byte[64 * 1024];
            var own = 0L;
            int read;
            while (own < 1_000_000 && (read = await context.Request.Body.ReadAsync(buffer, Cancel)) > 0)
            {
                own += read;
                Interlocked.Add(ref received, read);
            }

            context.Abort();
        });
        await using var backend = open(server);

        var error = await Assert.ThrowsAsync<StorageException>(() =>
            StoredFile.Of(FileKind.Pack, 3_000_000).SaveToAsync(backend, Cancel)
        );

        Assert.True(error.IsTransient, error.ToString());
        Assert.InRange(received, 1_000_000, 1_999_999);
    }
}
