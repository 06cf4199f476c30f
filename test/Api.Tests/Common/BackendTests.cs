using Granary.Api.Common;

namespace Granary.Api.Tests.Common;

public sealed class BackendTests
{
    [Fact]
    public void Every_provider_tells_where_it_is()
    {
        var table = new (Backend Backend, BackendLocation Expected)[]
        {
            (
                new()
                {
                    Local = new() { MountPath = "/safe", SubPath = "x" },
                },
                new("local", "/safe", "")
            ),
            (
                new()
                {
                    S3 = new()
                    {
                        Endpoint = "s3.amazonaws.com",
                        Bucket = "b",
                        Prefix = "/p",
                        InsecureTLS = true,
                    },
                },
                new("s3", "b", "/p", "s3.amazonaws.com", "", InsecureTLS: true)
            ),
            (
                new()
                {
                    Gcs = new() { Bucket = "b", MaxConnections = 5 },
                },
                new("gcs", "b", "", MaxConnections: 5)
            ),
            (
                new()
                {
                    Azure = new() { Container = "c", Prefix = "p" },
                },
                new("azure", "c", "p")
            ),
            (new() { Swift = new() { Container = "c" } }, new("swift", "c", "")),
            (new() { B2 = new() { Bucket = "b" } }, new("b2", "b", "")),
            (
                new() { Rest = new() { Url = "http://rest:8000/some/repo" } },
                new("rest", "rest:8000", "/some/repo", "http://rest:8000/some/repo")
            ),
        };

        Assert.All(table, row => Assert.Equal(row.Expected, row.Backend.Location()));
        Assert.Equal(
            ["local", "s3", "gcs", "azure", "swift", "b2", "rest"],
            table.SelectMany(row => row.Backend.GivenProviders())
        );
    }

    [Fact]
    public void A_backend_without_a_block_is_nowhere() => Assert.Null(new Backend().Location());

    [Fact]
    public void With_several_blocks_the_first_in_order_counts() =>
        Assert.Equal(
            "gcs",
            new Backend
            {
                Gcs = new() { Bucket = "b" },
                Swift = new() { Container = "c" },
            }
                .Location()!
                .Provider
        );

    [Fact]
    public void A_local_backend_becomes_the_volume_it_names()
    {
        var volume = new LocalBackend
        {
            MountPath = "/safe",
            HostPath = new() { Path = "/data" },
        }.ToVolume("stash-local");

        Assert.Equal("stash-local", volume.Name);
        Assert.Equal("/data", volume.HostPath.Path);
        Assert.Null(volume.Nfs);
    }
}
