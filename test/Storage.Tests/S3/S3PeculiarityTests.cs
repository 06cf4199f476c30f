using Granary.Storage.Contract;
using Granary.Storage.Decorators;
using Granary.Storage.Http;
using Granary.Storage.S3;
using Granary.TestSupport.StandIns;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Storage.Tests.S3;

/// <summary>Stores that are not quite S3, played by a server in this process.</summary>
public sealed class S3PeculiarityTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_without_conditional_writes_is_asked_for_the_name_first()
    {
        var stored = new HashSet<string>();
        var requests = new List<string>();
        await using var server = await StubServer.StartAsync(async context =>
        {
            var conditional = context.Request.Headers.IfNoneMatch.Count > 0;
            requests.Add($"{context.Request.Method}{(conditional ? " if-none-match" : "")}");
            await context.Request.Body.CopyToAsync(Stream.Null, Cancel);
            context.Response.StatusCode = (context.Request.Method, conditional) switch
            {
                ("PUT", true) => 501,
                ("PUT", false) when stored.Add(context.Request.Path) => 200,
                ("HEAD", _) => stored.Contains(context.Request.Path) ? 200 : 404,
                _ => 405,
            };
            if (context.Response.StatusCode == 501)
            {
                await context.Response.WriteAsync(
                    "<Error><Code>NotImplemented</Code><Message>A header you provided implies functionality that is "
                        + "not implemented</Message></Error>",
                    Cancel
                );
            }
        });
        await using var backend = Open(server);
        var file = StoredFile.Of(FileKind.Key, 10);

        await file.SaveToAsync(backend, Cancel);
        var error = await Assert.ThrowsAsync<StorageException>(() => file.SaveToAsync(backend, Cancel));

        Assert.Equal(StorageError.AlreadyExists, error.Error);
        Assert.Equal(["PUT if-none-match", "HEAD", "PUT", "HEAD"], requests);
    }

    [Fact]
    public async Task A_store_that_ignores_ranges_is_refused_instead_of_misread()
    {
        await using var server = await StubServer.StartAsync(context =>
            context.Response.WriteAsync("the whole object", Cancel)
        );
        await using var backend = Open(server);

        var error = await Assert.ThrowsAsync<StorageException>(() =>
            backend.ReadAsync(StoredFile.Of(FileKind.Pack, 1).Handle, 5, new byte[3], Cancel)
        );

        Assert.Equal(StorageError.Invalid, error.Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html/>")]
    [InlineData("{}")]
    public async Task A_listing_answered_with_something_else_is_not_taken_for_an_empty_one(string answer)
    {
        await using var server = await StubServer.StartAsync(context => context.Response.WriteAsync(answer, Cancel));
        await using var backend = Open(server);

        var error = await Assert.ThrowsAsync<StorageException>(() =>
            backend.ListAsync(FileKind.Pack, Cancel).ToListAsync(Cancel).AsTask()
        );

        Assert.NotEqual(StorageError.NotFound, error.Error);
        Assert.Contains("list", error.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_reply_that_breaks_off_is_a_passing_fault()
    {
        await using var server = await StubServer.StartAsync(async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.Body.WriteAsync(new byte[10], Cancel);
            await context.Response.Body.FlushAsync(Cancel);
            context.Abort();
        });
        await using var backend = Open(server);

        var whole = await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(FileHandle.Config, Cancel));
        var part = await Assert.ThrowsAsync<StorageException>(() =>
            backend.ReadAsync(FileHandle.Config, 0, new byte[1000], Cancel)
        );

        Assert.True(whole.IsTransient);
        Assert.True(part.IsTransient);
    }

    [Fact]
    public async Task Busy_is_a_passing_fault_and_is_not_retried_here()
    {
        var requests = 0;
        await using var server = await StubServer.StartAsync(context =>
        {
            Interlocked.Increment(ref requests);
            context.Response.StatusCode = 503;
            return context.Response.WriteAsync(
                "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
                Cancel
            );
        });
        await using var backend = Open(server);

        var error = await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(FileHandle.Config, Cancel));

        Assert.True(error.IsTransient);
        Assert.Contains(
            "SlowDown: Please reduce your request rate. (HTTP 503",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task A_slow_upload_that_moves_is_not_a_stall()
    {
        var time = new FakeTimeProvider();
        var agents = new List<string>();
        await using var server = await StubServer.StartAsync(async context =>
        {
            agents.Add(context.Request.Headers.UserAgent.ToString());
            await context.Request.Body.CopyToAsync(Stream.Null, Cancel);
        });
        await using var backend = Open(server, new TransportOptions { StallTimeout = TimeSpan.FromSeconds(2) }, time);
        var file = StoredFile.Of(FileKind.Pack, 4 << 20);
        using var content = new SlowStream(file.Bytes, () => time.Advance(TimeSpan.FromSeconds(0.5)));
        var started = time.GetUtcNow();

        await backend.SaveAsync(file.Handle, content, SaveMode.CreateOnly, Cancel);

        Assert.True(
            time.GetUtcNow() - started > TimeSpan.FromSeconds(20),
            $"The whole upload took {time.GetUtcNow() - started}, which is no proof beside a limit of 2 s."
        );
        Assert.Equal(Transport.UserAgent, Assert.Single(agents));
        Assert.StartsWith("granary/", Transport.UserAgent, StringComparison.Ordinal);
    }

    [Fact]
    public Task An_upload_whose_connection_is_reset_is_not_sent_again_by_anybody_but_the_layer_that_retries() =>
        ResetUpload.IsSentOnceAsync(server => Open(server));

    [Fact]
    public async Task A_save_whose_reply_is_lost_with_its_connection_counts_as_stored()
    {
        var stored = 0L;
        await using var server = await StubServer.StartAsync(async context =>
        {
            if (HttpMethods.IsHead(context.Request.Method))
            {
                context.Response.ContentLength = stored;
                return;
            }

            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, Cancel);
            if (stored == 0)
            {
                stored = body.Length;
                context.Abort();
                return;
            }

            context.Response.StatusCode = 412;
            await context.Response.WriteAsync(
                "<Error><Code>PreconditionFailed</Code><Message>At least one of the pre-conditions you specified did "
                    + "not hold</Message></Error>",
                Cancel
            );
        });
        var notices = new List<RetryNotice>();
        await using var backend = new RetryingBackend(
            Open(server),
            new RetryOptions { FirstDelay = TimeSpan.FromMilliseconds(1) },
            TimeProvider.System,
            notices.Add
        );

        await StoredFile.Of(FileKind.Pack, 3_000_000).SaveToAsync(backend, Cancel);

        Assert.Equal(3_000_000, stored);
        Assert.Single(notices);
    }

    [Fact]
    public async Task The_region_is_learned_also_from_a_refusal()
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.StatusCode = 403;
            context.Response.Headers["x-amz-bucket-region"] = "eu-central-1";
            return Task.CompletedTask;
        });
        using var client = Transport.CreateClient(new TransportOptions(), "test", TimeProvider.System);

        Assert.Equal("eu-central-1", await BucketRegion.FindAsync(client, new Uri(server.Url), "bucket", Cancel));
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    public async Task A_region_is_not_guessed_in_a_busy_moment(int status)
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        using var client = Transport.CreateClient(new TransportOptions(), "test", TimeProvider.System);

        var error = await Assert.ThrowsAsync<StorageException>(() =>
            BucketRegion.FindAsync(client, new Uri(server.Url), "bucket", Cancel)
        );

        Assert.True(error.IsTransient);
        Assert.Contains("region", error.Message, StringComparison.Ordinal);
    }

    private static S3Backend Open(StubServer server, TransportOptions? transport = null, TimeProvider? time = null) =>
        S3Backend.Create(
            new S3Options
            {
                Endpoint = server.Url,
                Bucket = "bucket",
                AccessKeyId = new Secret("id"),
                SecretAccessKey = new Secret("secret"),
                Transport = transport ?? new TransportOptions(),
            },
            time ?? TimeProvider.System
        );

    /// <summary>Content of which each block comes late.</summary>
    private sealed class SlowStream(byte[] content, Action passes) : MemoryStream(content, writable: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            passes();
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, 64 * 1024)], cancellationToken);
        }

        public override Task<int> ReadAsync(
            byte[] buffer,
            int offset,
            int count,
            CancellationToken cancellationToken
        ) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await ReadAsync(buffer.AsMemory(), cancellationToken)) > 0)
            {
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
    }
}
