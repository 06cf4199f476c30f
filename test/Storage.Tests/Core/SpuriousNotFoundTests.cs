using Granary.Storage.Azure;
using Granary.Storage.Contract;
using Granary.Storage.Decorators;
using Granary.Storage.Gcs;
using Granary.Storage.Rest;
using Granary.Storage.S3;
using Granary.Storage.Swift;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.TestSupport.StandIns;
using Microsoft.AspNetCore.Http;

namespace Granary.Storage.Tests.Core;

/// <summary>
/// A proxy in front of the store says 404 once. Whoever prunes by a listing that ends there deletes live data.
/// </summary>
public sealed class SpuriousNotFoundTests : IAsyncLifetime
{
    private const int Files = 25;
    private readonly Stack<IAsyncDisposable> _servers = new();
    private readonly TempDirectory _folder = new();
    private int _listings;
    private int _broken;
    private string _server = "";
    private string _body = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, int, string, string> Faults
    {
        get
        {
            var rows = new TheoryData<string, int, string, string>();
            foreach (var provider in new[] { "s3", "gcs", "azure", "swift", "rest" })
            {
                rows.Add(provider, 1, "nginx", "<html><h1>404 Not Found</h1></html>");
                rows.Add(provider, 1, "", "404 page not found\n");
                rows.Add(provider, 1, "", "");
                rows.Add(provider, 2, "nginx", "<html><h1>404 Not Found</h1></html>");
            }

            rows.Add("rest", 1, "rclone/v1.60.1-DEV", "Not Found\n");

            // In the middle not even the store's own words are the end of the listing.
            rows.Add(
                "s3",
                2,
                "",
                "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>"
            );
            rows.Add("gcs", 2, "", """{"error": {"code": 404, "message": "The specified bucket does not exist."}}""");
            return rows;
        }
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        while (_servers.TryPop(out var server))
        {
            await server.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_listing_that_is_answered_with_404_is_asked_for_again_and_is_whole(
        string provider,
        int listing,
        string server,
        string body
    )
    {
        (_server, _body) = (server, body);
        await using var bare = await OpenAsync(provider);
        await bare.PrepareAsync(Cancel);
        var names = new List<string>();
        foreach (var number in Enumerable.Range(0, Files))
        {
            var file = StoredFile.Of(FileKind.Pack, 10, $"{number}");
            await file.SaveToAsync(bare, Cancel);
            names.Add(file.Handle.Name);
        }

        // rest-server lists everything at once.
        _broken = provider == "rest" ? 1 : listing;
        var notices = new List<RetryNotice>();
        await using var backend = new RetryingBackend(
            bare,
            new RetryOptions { FirstDelay = TimeSpan.FromMilliseconds(1) },
            TimeProvider.System,
            notices.Add
        );
        var listed = new List<string>();
        await foreach (var entry in backend.ListAsync(FileKind.Pack, Cancel))
        {
            listed.Add(entry.Name);
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
        var notice = Assert.Single(notices);
        Assert.Contains("404", notice.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3")]
    [InlineData("gcs")]
    [InlineData("azure")]
    [InlineData("swift")]
    [InlineData("rest")]
    public async Task A_container_that_the_store_says_is_missing_lists_as_empty(string provider)
    {
        await using var backend = await OpenAsync(provider);

        await foreach (var entry in backend.ListAsync(FileKind.Pack, Cancel))
        {
            Assert.Fail($"{entry} is in no container.");
        }
    }

    [Fact]
    public async Task A_listing_that_goes_on_without_saying_where_is_refused_instead_of_cut()
    {
        await using var stub = await StubServer.StartAsync(context =>
            context.Response.WriteAsync(
                "<ListBucketResult><Name>b</Name><IsTruncated>true</IsTruncated></ListBucketResult>",
                Cancel
            )
        );
        await using var backend = S3Backend.Create(S3Options(stub.Url), TimeProvider.System);

        var error = await Assert.ThrowsAsync<StorageException>(async () =>
            await backend.ListAsync(FileKind.Pack, Cancel).GetAsyncEnumerator(Cancel).MoveNextAsync()
        );

        Assert.Equal(StorageError.Invalid, error.Error);
        Assert.Contains("goes on, but not where", error.Message, StringComparison.Ordinal);
    }

    private static S3Options S3Options(string url) =>
        new()
        {
            Endpoint = url,
            Bucket = "backups",
            AccessKeyId = new Secret("id"),
            SecretAccessKey = new Secret("secret"),
            ListPageSize = 10,
        };

    private async Task<IBackend> OpenAsync(string provider)
    {
        switch (provider)
        {
            case "s3":
                var moto = Keep(await MotoServer.StartAsync(cancellationToken: Cancel));
                return S3Backend.Create(S3Options(await RelayAsync(moto.Url)), TimeProvider.System);
            case "gcs":
                var gcs = Keep(new GcsStandIn());
                await gcs.InitializeAsync();
                return GcsBackend.Create(
                    new GcsOptions
                    {
                        Bucket = "backups",
                        ProjectId = "demo",
                        ServiceAccountKey = new Secret(gcs.ServiceAccountKey),
                        Endpoint = await RelayAsync(gcs.Url),
                        ListPageSize = 10,
                    },
                    TimeProvider.System
                );
            case "azure":
                var azurite = Keep(await AzuriteServer.StartAsync(cancellationToken: Cancel));
                return AzureBackend.Create(
                    new AzureOptions
                    {
                        Container = "backups",
                        AccountName = AzuriteServer.Account,
                        AccountKey = new Secret(AzuriteServer.Key),
                        Endpoint =
                            await RelayAsync(new Uri(azurite.Url).GetLeftPart(UriPartial.Authority))
                            + $"/{AzuriteServer.Account}",
                        ListPageSize = 10,
                    },
                    TimeProvider.System
                );
            case "swift":
                var swift = Keep(new SwiftStandIn());
                await swift.InitializeAsync();
                var storage = $"{await RelayAsync(swift.Url)}/v1/AUTH_demo";
                return SwiftBackend.Create(
                    new SwiftOptions
                    {
                        Container = "backups",
                        Identity = new SwiftToken(storage, new Secret(swift.NewToken())),
                        ListPageSize = 10,
                    },
                    TimeProvider.System
                );
            default:
                var rest = Keep(await RestServer.StartAsync(_folder.Path, cancellationToken: Cancel));
                return RestBackend.Create(
                    new RestOptions { Url = $"{await RelayAsync(rest.Url)}/repo" },
                    TimeProvider.System
                );
        }
    }

    private T Keep<T>(T server)
        where T : IAsyncDisposable
    {
        _servers.Push(server);
        return server;
    }

    private async Task<string> RelayAsync(string target) =>
        Keep(await RelayServer.StartAsync(target, AnswerAsync, Cancel)).Url;

    private async Task<bool> AnswerAsync(HttpContext context)
    {
        var isListing =
            HttpMethods.IsGet(context.Request.Method)
            && (
                context.Request.Query.ContainsKey("prefix")
                || context.Request.Path.Value!.EndsWith("/data/", StringComparison.Ordinal)
            );
        if (_broken == 0 || !isListing || Interlocked.Increment(ref _listings) != _broken)
        {
            return false;
        }

        context.Response.StatusCode = 404;
        context.Response.Headers.Server = _server;
        context.Response.ContentType = _body.Length > 0 && _body[0] == '<' ? "text/html" : "text/plain";
        await context.Response.WriteAsync(_body, Cancel);
        return true;
    }
}
