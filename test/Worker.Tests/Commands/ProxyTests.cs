using System.Collections.Concurrent;
using System.Diagnostics;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.TestSupport.StandIns;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Commands;

/// <summary>
/// The built program behind a proxy that wants a password, which stands in a variable of the process.
/// </summary>
public sealed class ProxyTests
{
    private const string Password = "hunter2-of-the-proxy";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Repositories =>
        [
            "s3:https://s3.storage.test/backups/shop",
            "rest:https://rest.storage.test/shop",
            "azure:backups:/shop",
            "b2:backups:/shop",
        ];

    [Theory]
    [MemberData(nameof(Repositories))]
    public async Task A_proxy_that_refuses_the_password_ends_the_run_at_once_and_the_password_is_not_shown(
        string repository
    )
    {
        await using var proxy = await ProxyAsync(407);
        var watch = Stopwatch.StartNew();

        var result = await RunAsync(repository, proxy.Url, "15m");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("407", result.Error, StringComparison.Ordinal);
        AssertHidden(result);
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task A_proxy_that_fails_is_tried_again_and_the_warnings_do_not_show_its_password()
    {
        await using var proxy = await ProxyAsync(503);

        var result = await RunAsync("s3:https://s3.storage.test/backups/shop", proxy.Url, "1s");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("again", result.Error, StringComparison.Ordinal);
        AssertHidden(result);
    }

    [Fact]
    public async Task A_bucket_that_is_named_in_the_host_is_reached_through_a_proxy()
    {
        await using var moto = await MotoServer.StartAsync(cancellationToken: Token);
        await moto.CreateBucketAsync("backups", Token);
        var hosts = new ConcurrentQueue<string>();
        await using var proxy = await RelayServer.StartAsync(
            $"{moto.Url}/backups",
            context =>
            {
                hosts.Enqueue(context.Request.Host.Value!);
                return Task.FromResult(false);
            },
            Token
        );

        var result = await RunAsync(
            "s3:http://s3.storage.test/backups/shop",
            proxy.Url,
            "1s",
            "init",
            "-o",
            "s3.bucket-lookup=dns"
        );

        result.Succeeded();
        Assert.Equal(["backups.s3.storage.test"], hosts.Distinct());
        using var client = moto.CreateClient();
        Assert.NotNull(await client.GetObjectMetadataAsync("backups", "shop/config", Token));
    }

    [Theory]
    [InlineData("storage.test", true)]
    [InlineData(".storage.test", true)]
    [InlineData("*.storage.test", true)]
    [InlineData("s3.storage.test:443", true)]
    [InlineData("foo, s3.storage.test", true)]
    [InlineData("*", true)]
    [InlineData("s3.storage.test:9000", false)]
    [InlineData("orage.test", false)]
    public async Task Hosts_that_NO_PROXY_names_as_people_write_it_are_not_asked_of_the_proxy(
        string noProxy,
        bool isDirect
    )
    {
        var requests = 0;
        await using var proxy = await StubServer.StartAsync(
            context =>
            {
                Interlocked.Increment(ref requests);
                context.Response.StatusCode = 407;
                return Task.CompletedTask;
            },
            Token
        );

        var result = await RunAsync(
            "s3:https://s3.storage.test/backups/shop",
            proxy.Url,
            "1s",
            new Dictionary<string, string> { ["NO_PROXY"] = noProxy },
            "snapshots"
        );

        // The name leads nowhere, so the direct way fails as well, and says so.
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal(isDirect, requests == 0);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private static void AssertHidden(CommandResult result)
    {
        Assert.DoesNotContain(Password, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private static Task<StubServer> ProxyAsync(int status) =>
        StubServer.StartAsync(
            context =>
            {
                context.Response.StatusCode = status;
                return Task.CompletedTask;
            },
            Token
        );

    private static Task<CommandResult> RunAsync(
        string repository,
        string proxy,
        string retryTimeout,
        params string[] arguments
    ) => RunAsync(repository, proxy, retryTimeout, new Dictionary<string, string>(), arguments);

    private static Task<CommandResult> RunAsync(
        string repository,
        string proxy,
        string retryTimeout,
        IReadOnlyDictionary<string, string> more,
        params string[] arguments
    )
    {
        arguments = arguments.Length > 0 ? arguments : ["snapshots"];
        var variables = new Dictionary<string, string>
        {
            ["RESTIC_REPOSITORY"] = repository,
            ["RESTIC_PASSWORD"] = "password-of-the-test",
            ["AWS_ACCESS_KEY_ID"] = "id",
            ["AWS_SECRET_ACCESS_KEY"] = "secret",
            ["AZURE_ACCOUNT_NAME"] = "account",
            ["AZURE_ACCOUNT_KEY"] = AzuriteServer.Key,
            ["B2_ACCOUNT_ID"] = "account",
            ["B2_ACCOUNT_KEY"] = "account-key",
            ["HTTPS_PROXY"] = proxy.Replace("://", $"://user:{Password}@", StringComparison.Ordinal),
            ["http_proxy"] = proxy,
            ["GRANARY_STORAGE_RETRY_TIMEOUT"] = retryTimeout,
        };
        foreach (var (name, value) in more)
        {
            variables[name] = value;
        }

        return BuiltProgram.RunAsync(arguments, variables);
    }
}
