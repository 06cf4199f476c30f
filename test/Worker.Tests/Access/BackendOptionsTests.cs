using System.Text;
using Granary.Access;
using Granary.Api.Common;
using Granary.Storage;
using Granary.Storage.Azure;
using Granary.Storage.B2;
using Granary.Storage.Gcs;
using Granary.Storage.Rest;
using Granary.Storage.S3;
using Granary.Storage.Swift;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Worker.Tests.Access;

/// <summary>Which key of a storage Secret means what, for every provider.</summary>
public sealed class BackendOptionsTests
{
    private readonly Redactor _redactor = new();

    [Theory]
    [InlineData(Providers.Local)]
    [InlineData(Providers.S3)]
    [InlineData(Providers.Azure)]
    [InlineData(Providers.Rest)]
    [InlineData(Providers.Gcs)]
    [InlineData(Providers.B2)]
    [InlineData(Providers.Swift)]
    public async Task Every_provider_of_the_api_has_a_backend_with_as_many_connections_as_are_asked_for(string provider)
    {
        var keys = new[]
        {
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AZURE_ACCOUNT_NAME",
            "B2_ACCOUNT_ID",
            "B2_ACCOUNT_KEY",
            "OS_USERNAME",
            "OS_PASSWORD",
            "REST_SERVER_USERNAME",
            "REST_SERVER_PASSWORD",
        };
        var credentials = Keys([
            .. keys.Select(key => (key, "value-of-the-key")),
            ("AZURE_ACCOUNT_KEY", "dmFsdWUtb2YtdGhlLWtleQ=="),
            ("OS_AUTH_URL", "https://keystone.example.com/v3"),
            ("GOOGLE_SERVICE_ACCOUNT_JSON_KEY", ServiceAccountKey()),
        ]);
        var factory = new BackendFactory(TimeProvider.System, NullLogger.Instance);
        var location = new BackendLocation(
            provider,
            provider == Providers.Local ? "/srv/backup" : "bucket",
            "prefix",
            "https://host.example.com",
            MaxConnections: 3
        );

        await using var asked = factory.Create(new(location, credentials));
        await using var usual = factory.Create(new(location with { MaxConnections = 0 }, credentials));
        await using var endless = factory.Create(new(location with { MaxConnections = long.MaxValue }, credentials));

        Assert.Equal(3, asked.Connections);
        Assert.Equal(provider == Providers.Local ? 2 : 5, usual.Connections);
        Assert.Equal(256, endless.Connections);
        Assert.DoesNotContain("value-of-the-key", asked.Location, StringComparison.Ordinal);
    }

    [Fact]
    public void S3_takes_its_keys_a_session_token_and_a_region()
    {
        var credentials = Keys(
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "token"),
            ("AWS_DEFAULT_REGION", "eu-west-3"),
            ("CA_CERT_DATA", "pem")
        );
        var location = new BackendLocation(Providers.S3, "bucket", "a/b", "https://s3.example.com", InsecureTLS: true);

        var options = BackendOptions.ForS3(new(location, credentials));
        var elsewhere = BackendOptions.ForS3(new(location with { Region = "us-east-2" }, credentials));

        Assert.Equal(("https://s3.example.com", "bucket", "a/b"), (options.Endpoint, options.Bucket, options.Prefix));
        Assert.Equal(
            ("id", "secret", "token"),
            (options.AccessKeyId?.Reveal(), options.SecretAccessKey?.Reveal(), options.SessionToken?.Reveal())
        );
        Assert.Equal(("eu-west-3", "us-east-2"), (options.Region, elsewhere.Region));
        Assert.Equal(("pem", true), (options.Transport.CaCertificate, options.Transport.InsecureTls));
    }

    [Fact]
    public void S3_is_told_how_objects_are_stored_and_buckets_are_named()
    {
        var tuning = new BackendTuning
        {
            PathStyle = false,
            StorageClass = "GLACIER_IR",
            ServerSideEncryption = "aws:kms",
            KmsKeyId = "arn:key",
        };

        var options = BackendOptions.ForS3(
            new(new(Providers.S3, "bucket", "", "https://s3.example.com"), Keys()) { Tuning = tuning }
        );

        Assert.Equal(
            (false, "GLACIER_IR", "aws:kms", "arn:key"),
            (options.PathStyle, options.StorageClass, options.ServerSideEncryption, options.KmsKeyId)
        );
        Assert.Null(options.AccessKeyId);
    }

    [Fact]
    public void Azure_takes_an_account_a_key_or_a_sas_and_the_clouds_suffix()
    {
        var location = new BackendLocation(Providers.Azure, "container", "a");

        var key = BackendOptions.ForAzure(
            new(location, Keys(("AZURE_ACCOUNT_NAME", "shop"), ("AZURE_ACCOUNT_KEY", "key"), ("CA_CERT_DATA", "pem")))
        );
        var sas = BackendOptions.ForAzure(
            new(
                location,
                Keys(
                    ("AZURE_ACCOUNT_NAME", "shop"),
                    ("AZURE_ACCOUNT_SAS", "?sig"),
                    ("AZURE_ENDPOINT_SUFFIX", "core.chinacloudapi.cn")
                )
            )
        );

        Assert.Equal(
            ("container", "a", "shop", "key", "pem"),
            (key.Container, key.Prefix, key.AccountName, key.AccountKey?.Reveal(), key.Transport.CaCertificate)
        );
        Assert.Equal(("core.windows.net", "core.chinacloudapi.cn"), (key.EndpointSuffix, sas.EndpointSuffix));
        Assert.Equal((null, "?sig"), (sas.AccountKey?.Reveal(), sas.SasToken?.Reveal()));
        Assert.Contains(
            "AZURE_ACCOUNT_NAME",
            Assert.Throws<StepFailedException>(() => BackendOptions.ForAzure(new(location, Keys()))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("REST_SERVER_USERNAME", "REST_SERVER_PASSWORD")]
    [InlineData("RESTIC_REST_USERNAME", "RESTIC_REST_PASSWORD")]
    public void A_rest_server_takes_stashs_names_or_restics(string user, string password)
    {
        var location = new BackendLocation(Providers.Rest, "host", "/path/", "https://host/path/");

        var options = BackendOptions.ForRest(
            new(location, Keys((user, "shop"), (password, "secret"), ("CA_CERT_DATA", "pem")))
        );

        Assert.Equal(
            ("https://host/path/", "shop", "secret", "pem"),
            (options.Url, options.UserName, options.Password?.Reveal(), options.Transport.CaCertificate)
        );
    }

    [Fact]
    public void Google_takes_a_project_and_a_key()
    {
        var options = BackendOptions.ForGcs(
            new(
                new(Providers.Gcs, "bucket", "a"),
                Keys(("GOOGLE_PROJECT_ID", "shop"), ("GOOGLE_SERVICE_ACCOUNT_JSON_KEY", "{}"), ("CA_CERT_DATA", "pem"))
            )
        );

        Assert.Equal(
            ("bucket", "a", "shop", "{}", "pem"),
            (
                options.Bucket,
                options.Prefix,
                options.ProjectId,
                options.ServiceAccountKey?.Reveal(),
                options.Transport.CaCertificate
            )
        );
    }

    [Fact]
    public void B2_takes_an_id_and_a_key_and_names_what_is_missing()
    {
        var location = new BackendLocation(Providers.B2, "bucket", "a");

        var options = BackendOptions.ForB2(
            new(location, Keys(("B2_ACCOUNT_ID", "id"), ("B2_ACCOUNT_KEY", "key"), ("CA_CERT_DATA", "pem")))
        );

        Assert.Equal(
            ("bucket", "a", "id", "key", "pem"),
            (
                options.Bucket,
                options.Prefix,
                options.AccountId.Reveal(),
                options.AccountKey.Reveal(),
                options.Transport.CaCertificate
            )
        );
        Assert.Equal(
            "Secret demo/storage has no B2_ACCOUNT_KEY",
            Assert
                .Throws<StepFailedException>(() => BackendOptions.ForB2(new(location, Keys(("B2_ACCOUNT_ID", "id")))))
                .Message
        );
    }

    [Fact]
    public void Keystone_takes_user_and_project_under_their_new_names_and_the_old_ones()
    {
        var keys = new[]
        {
            "OS_AUTH_URL",
            "OS_REGION_NAME",
            "OS_USERNAME",
            "OS_USER_ID",
            "OS_USER_DOMAIN_NAME",
            "OS_USER_DOMAIN_ID",
            "OS_PASSWORD",
            "OS_PROJECT_DOMAIN_NAME",
            "OS_PROJECT_DOMAIN_ID",
            "OS_TRUST_ID",
            "OS_APPLICATION_CREDENTIAL_ID",
            "OS_APPLICATION_CREDENTIAL_NAME",
            "OS_APPLICATION_CREDENTIAL_SECRET",
        }
            .Select(key => (key, $"the {key}"))
            .ToArray();

        var now = Swift<SwiftKeystone>([.. keys, ("OS_PROJECT_NAME", "name"), ("OS_PROJECT_ID", "id")]);
        var before = Swift<SwiftKeystone>([.. keys, ("OS_TENANT_NAME", "name"), ("OS_TENANT_ID", "id")]);

        Assert.Equal(
            [.. keys.Select(each => each.Item2), "name", "id"],
            [
                now.AuthUrl,
                now.Region,
                now.UserName,
                now.UserId,
                now.UserDomainName,
                now.UserDomainId,
                now.Password?.Reveal(),
                now.ProjectDomainName,
                now.ProjectDomainId,
                now.TrustId,
                now.ApplicationCredentialId,
                now.ApplicationCredentialName,
                now.ApplicationCredentialSecret?.Reveal(),
                now.ProjectName,
                now.ProjectId,
            ]
        );
        Assert.Equal(("name", "id"), (before.ProjectName, before.ProjectId));
    }

    [Fact]
    public void Swifts_other_ways_come_before_keystone()
    {
        (string, string)[] keystone = [("OS_AUTH_URL", "https://keystone"), ("OS_USERNAME", "user")];

        var token = Swift<SwiftToken>([
            .. keystone,
            ("OS_STORAGE_URL", "https://swift/v1/AUTH_1"),
            ("OS_AUTH_TOKEN", "token"),
            ("ST_AUTH", "https://old"),
        ]);
        var first = Swift<SwiftVersionOne>([
            .. keystone,
            ("ST_AUTH", "https://old"),
            ("ST_USER", "demo:backup"),
            ("ST_KEY", "key"),
        ]);

        Assert.Equal(("https://swift/v1/AUTH_1", "token"), (token.StorageUrl, token.Token.Reveal()));
        Assert.Equal(("https://old", "demo:backup", "key"), (first.AuthUrl, first.User, first.Key.Reveal()));
    }

    [Fact]
    public void Names_and_addresses_stay_readable_in_messages_and_keys_do_not()
    {
        Keys(
            ("AZURE_ENDPOINT_SUFFIX", "core.chinacloudapi.cn"),
            ("OS_PROJECT_ID", "11aa22bb"),
            ("AWS_SESSION_TOKEN", "hunter2hunter2")
        );

        Assert.Equal(
            "https://shop.blob.core.chinacloudapi.cn 11aa22bb",
            _redactor.Redact("https://shop.blob.core.chinacloudapi.cn 11aa22bb")
        );
        Assert.DoesNotContain("hunter2", _redactor.Redact("sent hunter2hunter2"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secrets_password_has_to_be_text()
    {
        var credentials = StorageCredentials.Of(
            new Dictionary<string, byte[]> { ["RESTIC_PASSWORD"] = [0xFF, 0xFE, 1, 2] },
            "Secret demo/storage",
            _redactor
        );

        Assert.Contains(
            "Secret demo/storage: RESTIC_PASSWORD",
            Assert.Throws<StepFailedException>(() => credentials.Password).Message,
            StringComparison.Ordinal
        );
    }

    private static string ServiceAccountKey()
    {
        using var key = System.Security.Cryptography.RSA.Create(2048);
        return System.Text.Json.JsonSerializer.Serialize(
            new
            {
                type = "service_account",
                project_id = "project",
                private_key_id = "1",
                private_key = key.ExportPkcs8PrivateKeyPem(),
                client_email = "backup@project.iam.gserviceaccount.com",
                client_id = "1",
                token_uri = "https://oauth2.googleapis.com/token",
            }
        );
    }

    private T Swift<T>((string Key, string Value)[] keys)
        where T : SwiftIdentity =>
        Assert.IsType<T>(BackendOptions.ForSwift(new(new(Providers.Swift, "container", ""), Keys(keys))).Identity);

    private StorageCredentials Keys(params (string Key, string Value)[] keys) =>
        StorageCredentials.Of(
            keys.ToDictionary(each => each.Key, each => Encoding.UTF8.GetBytes(each.Value)),
            "Secret demo/storage",
            _redactor
        );
}
