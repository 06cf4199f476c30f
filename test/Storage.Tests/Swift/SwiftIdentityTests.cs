using Granary.Storage.Contract;
using Granary.Storage.Decorators;
using Granary.Storage.Swift;
using Granary.TestSupport.StandIns;
using Microsoft.AspNetCore.Http;

namespace Granary.Storage.Tests.Swift;

/// <summary>The ways into a Swift account.</summary>
public sealed class SwiftIdentityTests : IAsyncLifetime
{
    private readonly SwiftStandIn _swift = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _swift.InitializeAsync();

    public ValueTask DisposeAsync() => _swift.DisposeAsync();

    [Fact]
    public async Task Version_one_signs_in_with_user_and_key()
    {
        await using var backend = Open(
            new SwiftVersionOne($"{_swift.Url}/auth/v1.0", "demo:backup", new Secret("first-key"))
        );

        await WorksAsync(backend);
    }

    [Fact]
    public async Task A_given_token_is_used_as_it_is()
    {
        await using var backend = Open(new SwiftToken(_swift.StorageUrl + "/", new Secret(_swift.NewToken())));

        await WorksAsync(backend);
    }

    [Fact]
    public async Task An_application_credential_needs_no_project()
    {
        await using var backend = Open(
            new SwiftKeystone
            {
                AuthUrl = $"{_swift.Url}/identity/v3/",
                Region = "north",
                ApplicationCredentialId = "7",
                ApplicationCredentialSecret = new Secret(SwiftStandIn.Password),
            }
        );

        await WorksAsync(backend);

        Assert.Equal("7", (string?)_swift.LastQuestion!["auth"]!["identity"]!["application_credential"]!["id"]);
        Assert.Null(_swift.LastQuestion["auth"]!["scope"]);
    }

    [Fact]
    public async Task User_and_project_are_looked_for_in_their_domains()
    {
        await using var backend = Open(Keystone with { UserDomainName = "Users", ProjectDomainId = "projects" });

        await WorksAsync(backend);

        var auth = _swift.LastQuestion!["auth"]!;
        Assert.Equal(
            """{"name":"backup","domain":{"name":"Users"},"password":"k\u00E9y of the store"}""",
            auth["identity"]!["password"]!["user"]!.ToJsonString()
        );
        Assert.Equal("""{"project":{"name":"demo","domain":{"id":"projects"}}}""", auth["scope"]!.ToJsonString());
    }

    [Fact]
    public async Task A_trust_stands_in_the_place_of_the_project()
    {
        await using var backend = Open(Keystone with { TrustId = "of-the-owner" });

        await WorksAsync(backend);

        Assert.Equal(
            """{"OS-TRUST:trust":{"id":"of-the-owner"}}""",
            _swift.LastQuestion!["auth"]!["scope"]!.ToJsonString()
        );
    }

    [Fact]
    public async Task An_address_of_version_two_is_asked_by_version_three()
    {
        await using var backend = Open(Keystone with { AuthUrl = $"{_swift.Url}/identity/v2.0" });

        await WorksAsync(backend);
    }

    [Fact]
    public async Task A_wrong_password_is_access_denied_in_keystones_words()
    {
        await using var backend = Open(Keystone with { Password = new Secret("hunter2") });

        var error = await Assert.ThrowsAsync<StorageException>(() => backend.PrepareAsync(Cancel));

        Assert.Equal(StorageError.AccessDenied, error.Error);
        Assert.Contains(
            "The request you have made requires authentication. (HTTP 401",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_region_without_object_storage_is_named()
    {
        await using var backend = Open(Keystone with { Region = "west" });

        var error = await Assert.ThrowsAsync<StorageException>(() => backend.PrepareAsync(Cancel));

        Assert.Equal(StorageError.Invalid, error.Error);
        Assert.Contains("'west'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_token_is_a_passing_fault_and_the_next_try_signs_in_again()
    {
        await using var backend = Open(Keystone);
        await WorksAsync(backend);
        _swift.ExpireTokens();

        var errors = await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ => Record.ExceptionAsync(() => backend.SizeAsync(FileHandle.Config, Cancel)).AsTask())
        );
        await backend.SizeAsync(FileHandle.Config, Cancel);

        Assert.Contains(errors, error => error is not null);
        Assert.All(errors.OfType<StorageException>(), error => Assert.True(error.IsTransient));
        Assert.Equal(2, _swift.SignIns);
    }

    [Fact]
    public async Task A_token_that_expires_under_many_saves_ends_none_of_them_however_late_each_learns_of_it()
    {
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var relay = await RelayServer.StartAsync(
            _swift.Url,
            async context =>
            {
                if (!_swift.HasExpired(context.Request.Headers["X-Auth-Token"].ToString()))
                {
                    return false;
                }

                // Who asks for a size is told at once, the saves when somebody has long worked with a new token.
                if (!HttpMethods.IsHead(context.Request.Method))
                {
                    await late.Task;
                }

                context.Response.StatusCode = 401;
                return true;
            },
            Cancel
        );
        _swift.PublicUrl = relay.Url;
        await using var bare = Open(Keystone);
        await WorksAsync(bare);
        await using var backend = new RetryingBackend(
            bare,
            new RetryOptions { FirstDelay = TimeSpan.FromMilliseconds(1) },
            TimeProvider.System
        );
        _swift.ExpireTokens();

        var first = backend.SizeAsync(FileHandle.Config, Cancel);
        var saves = Enumerable
            .Range(0, 6)
            .Select(number => StoredFile.Of(FileKind.Pack, 500, $"{number}").SaveToAsync(backend, Cancel))
            .ToList();
        await first;
        await StoredFile.Of(FileKind.Key, 10).SaveToAsync(backend, Cancel);
        late.SetResult();

        await Task.WhenAll(saves);
        Assert.Equal(2, _swift.SignIns);
    }

    [Fact]
    public async Task A_new_token_that_never_works_is_access_denied()
    {
        await using var stub = await StubServer.StartAsync(async context =>
        {
            context.Response.StatusCode = context.Request.Path == "/auth/v1.0" ? 200 : 401;
            context.Response.Headers["X-Storage-Url"] = $"http://{context.Request.Host}/v1/AUTH_demo";
            context.Response.Headers["X-Auth-Token"] = "useless";
            await context.Response.CompleteAsync();
        });
        await using var backend = Open(
            new SwiftVersionOne($"{stub.Url}/auth/v1.0", "demo:backup", new Secret("first-key"))
        );

        var error = await Assert.ThrowsAsync<StorageException>(() => backend.SizeAsync(FileHandle.Config, Cancel));

        Assert.Equal(StorageError.AccessDenied, error.Error);
    }

    [Fact]
    public async Task A_given_token_that_is_stale_is_access_denied()
    {
        await using var backend = Open(new SwiftToken(_swift.StorageUrl, new Secret(_swift.NewToken())));
        await WorksAsync(backend);
        _swift.ExpireTokens();

        var error = await Assert.ThrowsAsync<StorageException>(() => backend.SizeAsync(FileHandle.Config, Cancel));

        Assert.Equal(StorageError.AccessDenied, error.Error);
    }

    private SwiftKeystone Keystone =>
        new()
        {
            AuthUrl = $"{_swift.Url}/identity",
            Region = "north",
            UserName = "backup",
            Password = new Secret(SwiftStandIn.Password),
            ProjectName = "demo",
        };

    private static SwiftBackend Open(SwiftIdentity identity) =>
        SwiftBackend.Create(new SwiftOptions { Container = "backups", Identity = identity }, TimeProvider.System);

    private static async Task WorksAsync(SwiftBackend backend)
    {
        var file = StoredFile.Of(FileKind.Pack, 1000);
        await backend.PrepareAsync(Cancel);

        await file.SaveToAsync(backend, Cancel);

        Assert.Equal(file.Bytes, await backend.ReadAllAsync(file.Handle, Cancel));
    }
}
