using Granary.Api.Common;
using Granary.Worker.Repositories;

namespace Granary.Worker.Tests.Repositories;

public sealed class RepositoryLocationTests
{
    [Theory]
    [InlineData("/srv/backup", "local", "/srv/backup", "", null)]
    [InlineData("local:/srv/backup", "local", "/srv/backup", "", null)]
    [InlineData("s3:https://minio.demo:9000/bucket/some/prefix", "s3", "bucket", "some/prefix", "https://minio.demo:9000")]
    [InlineData("s3:http://minio.demo:9000/bucket/", "s3", "bucket", "", "http://minio.demo:9000")]
    [InlineData("s3:s3.amazonaws.com/bucket/prefix", "s3", "bucket", "prefix", "https://s3.amazonaws.com")]
    [InlineData("s3://s3.amazonaws.com/bucket", "s3", "bucket", "", "https://s3.amazonaws.com")]
    [InlineData("gs:bucket:/prefix", "gcs", "bucket", "prefix", null)]
    [InlineData("azure:container:/some/prefix/", "azure", "container", "some/prefix", null)]
    [InlineData("b2:bucket:prefix", "b2", "bucket", "prefix", null)]
    [InlineData("swift:container:/", "swift", "container", "", null)]
    [InlineData("rest:https://host:8000/some/path/", "rest", "host:8000", "/some/path/", "https://host:8000/some/path/")]
    public void A_location_is_read_as_restic_reads_it(string text, string provider, string bucket, string prefix, string? endpoint)
    {
        var location = RepositoryLocation.Parse(text);

        Assert.Equal((provider, bucket, prefix, endpoint), (location.Provider, location.Bucket, location.Prefix, location.Endpoint));
    }

    [Theory]
    [InlineData("")]
    [InlineData("s3:")]
    [InlineData("s3:https://host-without-bucket/")]
    [InlineData("gs::/prefix")]
    [InlineData("rest:ftp://host/")]
    [InlineData("sftp:host:/path")]
    public void What_is_no_location_is_refused(string text)
        => Assert.Throws<StepFailedException>(() => RepositoryLocation.Parse(text));

    [Fact]
    public void A_password_in_a_bad_location_is_not_repeated()
    {
        var refusal = Assert.Throws<StepFailedException>(() => RepositoryLocation.Parse("rest:htp://user:s3cret@host/"));

        Assert.DoesNotContain("s3cret", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_provider_of_the_api_has_a_backend()
    {
        var redactor = new Redactor();
        var keys = new[]
        {
            "RESTIC_PASSWORD", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AZURE_ACCOUNT_NAME", "B2_ACCOUNT_ID", "B2_ACCOUNT_KEY",
            "GOOGLE_PROJECT_ID", "OS_USERNAME", "OS_PASSWORD", "OS_TENANT_NAME", "OS_REGION_NAME", "REST_SERVER_USERNAME", "REST_SERVER_PASSWORD",
        };
        var data = keys.ToDictionary(key => key, _ => "value-of-the-key"u8.ToArray());
        data["AZURE_ACCOUNT_KEY"] = "dmFsdWUtb2YtdGhlLWtleQ=="u8.ToArray();
        data["OS_AUTH_URL"] = "https://keystone.example.com/v3"u8.ToArray();
        data["GOOGLE_SERVICE_ACCOUNT_JSON_KEY"] = System.Text.Encoding.UTF8.GetBytes(ServiceAccountKey());
        var credentials = StorageCredentials.Of(data, "Secret demo/storage", redactor);
        var factory = new BackendFactory(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        foreach (var provider in new[] { Providers.Local, Providers.S3, Providers.Azure, Providers.Rest, Providers.Gcs, Providers.B2, Providers.Swift })
        {
            var bucket = provider == Providers.Local ? "/srv/backup" : "bucket";
            var endpoint = provider switch
            {
                Providers.S3 => "https://host.example.com",
                Providers.Rest => "https://host.example.com/path/",
                _ => null,
            };

            var backend = factory.Create(new(new BackendLocation(provider, bucket, "prefix", endpoint, MaxConnections: 3), credentials));

            Assert.DoesNotContain("value-of-the-key", backend.Location, StringComparison.Ordinal);
        }
    }

    private static string ServiceAccountKey()
    {
        using var key = System.Security.Cryptography.RSA.Create(2048);
        return System.Text.Json.JsonSerializer.Serialize(new
        {
            type = "service_account",
            project_id = "project",
            private_key_id = "1",
            private_key = key.ExportPkcs8PrivateKeyPem(),
            client_email = "backup@project.iam.gserviceaccount.com",
            client_id = "1",
            token_uri = "https://oauth2.googleapis.com/token",
        });
    }
}
