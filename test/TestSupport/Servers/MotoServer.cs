using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.S3;

namespace Granary.TestSupport.Servers;

/// <summary>An S3 server (moto) on loopback; everything is in its memory.</summary>
public sealed partial class MotoServer : IAsyncDisposable
{
    /// <summary>
    /// Without this the server takes the first label of a name such as <c>s3.storage.svc</c> for a bucket.
    /// </summary>
    private static readonly Dictionary<string, string> PathStyle = new()
    {
        ["S3_IGNORE_SUBDOMAIN_BUCKETNAME"] = "true",
    };

    private readonly string[] _arguments;
    private ServerProcess _process;

    private MotoServer(ServerProcess process, string url, string[] arguments)
    {
        _process = process;
        Url = url;
        _arguments = arguments;
    }

    /// <summary>The address that clients use, for example <c>http://127.0.0.1:9000</c>.</summary>
    public string Url { get; }

    /// <summary>An access key that works; replaced by <see cref="RequireSignaturesAsync"/>.</summary>
    public string AccessKey { get; private set; } = "granary-test-access";

    /// <summary>The secret of <see cref="AccessKey"/>.</summary>
    public string SecretKey { get; private set; } = "granary-test-secret";

    /// <summary>Starts a server.</summary>
    /// <param name="address">Loopback address to listen on.</param>
    /// <param name="port">Port, or 0 for a free one.</param>
    /// <param name="certificate">Certificate and key files for TLS, or null for plain HTTP.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<MotoServer> StartAsync(
        string address = "127.0.0.1",
        int port = 0,
        (string Certificate, string Key)? certificate = null,
        CancellationToken cancellationToken = default
    )
    {
        port = port == 0 ? FreePort.Next(address) : port;
        string url = $"{(certificate is null ? "http" : "https")}://{address}:{port}";
        string[] tls = certificate is { } files ? ["-c", files.Certificate, "-k", files.Key] : [];
        string[] arguments = ["-H", address, "-p", $"{port}", .. tls];
        ServerProcess process = await RunAsync(url, arguments, cancellationToken);
        return new MotoServer(process, url, arguments);
    }

    /// <summary>A client for the test's own look at the store.</summary>
    public AmazonS3Client CreateClient() =>
        new(
            new BasicAWSCredentials(AccessKey, SecretKey),
            new AmazonS3Config
            {
                ServiceURL = Url,
                ForcePathStyle = true,
                AuthenticationRegion = "us-east-1",
                MaxErrorRetry = 2,
            }
        );

    /// <summary>Creates a bucket.</summary>
    public async Task CreateBucketAsync(string bucket, CancellationToken cancellationToken = default)
    {
        using AmazonS3Client client = CreateClient();
        await client.PutBucketAsync(bucket, cancellationToken);
    }

    /// <summary>Makes the server check signatures from now on, with a fresh key pair that may do everything.</summary>
    public async Task RequireSignaturesAsync(
        string policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"""
    )
    {
        string user = $"u{Guid.NewGuid():N}";
        await IamAsync(("Action", "CreateUser"), ("UserName", user));
        await IamAsync(
            ("Action", "PutUserPolicy"),
            ("UserName", user),
            ("PolicyName", "p"),
            ("PolicyDocument", policy)
        );
        string answer = await IamAsync(("Action", "CreateAccessKey"), ("UserName", user));
        AccessKey = AccessKeyPattern().Match(answer).Groups["key"].Value;
        SecretKey = SecretKeyPattern().Match(answer).Groups["key"].Value;
        using var off = new StringContent("0", new System.Net.Http.Headers.MediaTypeHeaderValue("text/plain"));
        await Http.PostAsync($"{Url}/moto-api/reset-auth", off);
    }

    /// <summary>Kills the server; what it held is lost.</summary>
    public Task StopAsync() => _process.KillAsync();

    /// <summary>Stops the process from answering, without losing what it holds, as a hung network would.</summary>
    public void Freeze() => Signals.Send(_process.Id, Signals.Stop);

    /// <summary>Lets a frozen server go on.</summary>
    public void Thaw() => Signals.Send(_process.Id, Signals.Continue);

    /// <summary>Starts the server again on the same address, empty.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await _process.DisposeAsync();
        _process = await RunAsync(Url, _arguments, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static Task<ServerProcess> RunAsync(string url, string[] arguments, CancellationToken cancellationToken) =>
        ServerProcess.StartAsync(
            RepositoryRoot.Tool("moto_server"),
            arguments,
            () => Http.AnswersAsync($"{url}/moto-api/"),
            PathStyle,
            cancellationToken
        );

    private async Task<string> IamAsync(params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(
            fields.Append(("Version", "2010-05-08")).Select(field => KeyValuePair.Create(field.Item1, field.Item2))
        );
        return await Http.PostAsync(
            $"{Url}/",
            form,
            new Dictionary<string, string>
            {
                ["Authorization"] =
                    "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, "
                    + "Signature=0",
            }
        );
    }

    [GeneratedRegex("<AccessKeyId>(?<key>.*?)</AccessKeyId>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AccessKeyPattern();

    [GeneratedRegex("<SecretAccessKey>(?<key>.*?)</SecretAccessKey>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SecretKeyPattern();
}
