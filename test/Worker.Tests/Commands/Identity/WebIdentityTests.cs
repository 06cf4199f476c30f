using System.Collections.Concurrent;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.TestSupport.StandIns;
using Granary.Worker.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Granary.Worker.Tests.Commands.Identity;

/// <summary>
/// The built program without keys of its own, as in a Pod of EKS: it has a token in a file and a role. A process,
/// because these are variables of the process, and because a native program finds less by name;
/// <c>GRANARY_TEST_WORKER</c> leads to that one.
/// </summary>
public sealed class WebIdentityTests : IDisposable
{
    private const string Role = "arn:aws:iam::123456789012:role/backups";
    private readonly TempDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_pods_token_is_exchanged_for_keys_that_open_the_bucket()
    {
        await using var moto = await MotoServer.StartAsync(cancellationToken: Token);
        await moto.CreateBucketAsync("backups", Token);
        var keys = new ConcurrentQueue<string>();
        await using var relay = await NotingAsync(moto, keys);
        var content = SeededBytes.Random("web identity", 500_000);
        using var input = new MemoryStream(content);
        using var dumped = new MemoryStream();

        (await RunAsync(relay.Url, moto.Url, ["init"])).Succeeded();
        (await RunAsync(relay.Url, moto.Url, ["backup", "--stdin", "--stdin-filename", "db.sql"], input)).Succeeded();
        (await RunAsync(relay.Url, moto.Url, ["dump", "latest", "/db.sql"], output: dumped)).Succeeded();

        Assert.Equal(content, dumped.ToArray());

        // moto gives keys of the form that AWS gives for a time.
        Assert.All(keys, key => Assert.Contains("Credential=ASIA", key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_of_the_token_service_is_told_in_its_words_and_its_busy_hours_pass()
    {
        await using var moto = await MotoServer.StartAsync(cancellationToken: Token);
        await moto.CreateBucketAsync("backups", Token);
        var questions = 0;
        await using var busy = await RelayServer.StartAsync(
            moto.Url,
            context =>
                Interlocked.Increment(ref questions) == 1
                    ? RefuseAsync(context, 503, "ServiceUnavailable", "Please come back.")
                    : Task.FromResult(false),
            Token
        );
        await using var strict = await StubServer.StartAsync(
            async context =>
                await RefuseAsync(
                    context,
                    403,
                    "AccessDenied",
                    "Not authorized to perform sts:AssumeRoleWithWebIdentity"
                ),
            Token
        );

        var patient = await RunAsync(moto.Url, busy.Url, ["init"]);
        var refused = await RunAsync(moto.Url, strict.Url, ["snapshots"]);

        patient.Succeeded();
        Assert.Contains("Please come back.", patient.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(
            "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity",
            refused.Error,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("   at ", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_file_that_is_missing_ends_the_run_at_once_by_its_name()
    {
        await using var moto = await MotoServer.StartAsync(cancellationToken: Token);

        var result = await RunAsync(moto.Url, moto.Url, ["snapshots"], hasToken: false);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(_folder["token"], result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("trying again", result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    /// <remarks>
    /// The Pod identity of EKS, which hands keys out by an agent beside the Pod, and the role of the node, by the
    /// machine's metadata.
    /// </remarks>
    [Theory]
    [InlineData("/agent", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "/agent")]
    [InlineData("/latest/meta-data/iam/security-credentials/node", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "")]
    public async Task Keys_that_the_pods_surroundings_hand_out_open_the_bucket(
        string path,
        string variable,
        string suffix
    )
    {
        await using var moto = await MotoServer.StartAsync(cancellationToken: Token);
        await moto.CreateBucketAsync("backups", Token);
        var keys = new ConcurrentQueue<string>();
        await using var relay = await NotingAsync(moto, keys);
        await using var surroundings = await StubServer.StartAsync(
            async context =>
                await (
                    context.Request.Path.Value switch
                    {
                        var asked when asked == path => context.Response.WriteAsync(
                            $$"""
                            {"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIAOFTHEPOD","SecretAccessKey":"secret",
                            "Token":"token","LastUpdated":"{{DateTime.UtcNow:s}}Z",
                            "Expiration":"{{DateTime.UtcNow.AddHours(6):s}}Z"}
                            """,
                            Token
                        ),
                        "/latest/api/token" => context.Response.WriteAsync("of the machine", Token),
                        _ => context.Response.WriteAsync("node", Token), // the role's name
                    }
                ),
            Token
        );
        var variables = new Dictionary<string, string>
        {
            ["RESTIC_REPOSITORY"] = $"s3:{relay.Url}/backups/shop",
            ["RESTIC_PASSWORD"] = "password-of-the-test",
            ["AWS_REGION"] = "us-east-1",
            ["HOME"] = _folder.Path,
            [variable] = surroundings.Url + suffix,
        };

        var result = await BuiltProgram.RunAsync(["init"], variables);

        result.Succeeded();
        Assert.All(keys, key => Assert.Contains("Credential=ASIAOFTHEPOD/", key, StringComparison.Ordinal));
        Assert.NotEmpty(keys);
    }

    /// <summary>Passes requests on to the store, and notes whose keys they are signed with.</summary>
    private static Task<RelayServer> NotingAsync(MotoServer moto, ConcurrentQueue<string> keys) =>
        RelayServer.StartAsync(
            moto.Url,
            context =>
            {
                keys.Enqueue(context.Request.Headers.Authorization.ToString());
                return Task.FromResult(false);
            },
            Token
        );

    private static async Task<bool> RefuseAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(
            $"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                + "<RequestId>1</RequestId></ErrorResponse>",
            Token
        );
        return true;
    }

    private async Task<CommandResult> RunAsync(
        string s3,
        string sts,
        string[] arguments,
        Stream? input = null,
        Stream? output = null,
        bool hasToken = true
    )
    {
        if (hasToken)
        {
            await File.WriteAllTextAsync(_folder["token"], "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ0ZXN0In0.c2ln", Token);
        }

        var variables = new Dictionary<string, string>
        {
            ["RESTIC_REPOSITORY"] = $"s3:{s3}/backups/shop",
            ["RESTIC_PASSWORD"] = "password-of-the-test",
            ["AWS_ROLE_ARN"] = Role,
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = _folder["token"],
            ["AWS_ENDPOINT_URL_STS"] = sts,
            ["AWS_REGION"] = "us-east-1",
            ["AWS_EC2_METADATA_DISABLED"] = "true",
        };
        return await BuiltProgram.RunAsync(arguments, variables, input, output);
    }
}
