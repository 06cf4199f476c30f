using Granary.Access;
using Granary.Api.Common;

namespace Granary.Worker.Tests.Access;

public sealed class RepositoryLocationTests
{
    [Theory]
    [InlineData("/srv/backup", "local", "/srv/backup", "", null)]
    [InlineData("local:/srv/backup", "local", "/srv/backup", "", null)]
    [InlineData(
        "s3:https://minio.demo:9000/bucket/some/prefix",
        "s3",
        "bucket",
        "some/prefix",
        "https://minio.demo:9000"
    )]
    [InlineData("s3:http://minio.demo:9000/bucket/", "s3", "bucket", "", "http://minio.demo:9000")]
    [InlineData("s3:s3.amazonaws.com/bucket/prefix", "s3", "bucket", "prefix", "https://s3.amazonaws.com")]
    [InlineData("s3://s3.amazonaws.com/bucket", "s3", "bucket", "", "https://s3.amazonaws.com")]
    [InlineData("gs:bucket:/prefix", "gcs", "bucket", "prefix", null)]
    [InlineData("azure:container:/some/prefix/", "azure", "container", "some/prefix", null)]
    [InlineData("b2:bucket:prefix", "b2", "bucket", "prefix", null)]
    [InlineData("swift:container:/", "swift", "container", "", null)]
    [InlineData(
        "rest:https://host:8000/some/path/",
        "rest",
        "host:8000",
        "/some/path/",
        "https://host:8000/some/path/"
    )]
    public void A_location_is_read_as_restic_reads_it(
        string text,
        string provider,
        string bucket,
        string prefix,
        string? endpoint
    )
    {
        var location = RepositoryLocation.Parse(text);

        Assert.Equal(
            (provider, bucket, prefix, endpoint),
            (location.Provider, location.Bucket, location.Prefix, location.Endpoint)
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("s3:")]
    [InlineData("s3:https://host-without-bucket/")]
    [InlineData("gs::/prefix")]
    [InlineData("rest:ftp://host/")]
    [InlineData("sftp:host:/path")]
    public void What_is_no_location_is_refused(string text) =>
        Assert.Throws<StepFailedException>(() => RepositoryLocation.Parse(text));

    [Fact]
    public void A_password_in_a_bad_location_is_not_repeated()
    {
        var refusal = Assert.Throws<StepFailedException>(() =>
            RepositoryLocation.Parse("rest:htp://user:s3cret@host/")
        );

        Assert.DoesNotContain("s3cret", refusal.Message, StringComparison.Ordinal);
    }
}
