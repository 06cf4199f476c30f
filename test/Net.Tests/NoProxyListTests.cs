namespace Granary.Net.Tests;

public sealed class NoProxyListTests
{
    [Theory]
    // What people write for a cluster: networks, and names with a leading dot.
    [InlineData("localhost,10.0.0.0/8,.svc,.cluster.local", "10.96.0.1", 443, true)]
    [InlineData("localhost,10.0.0.0/8,.svc,.cluster.local", "11.96.0.1", 443, false)]
    [InlineData("localhost,10.0.0.0/8,.svc,.cluster.local", "granary.backup.svc", 443, true)]
    [InlineData("10.96.0.1/12", "10.97.3.4", 443, true)]
    [InlineData("fd00::/8", "fd00::1", 443, true)]
    [InlineData("fd00::/8", "fe00::1", 443, false)]
    // A name stands for itself and for what is below it, a leading dot or *. only for what is below it.
    [InlineData("lab.internal", "s3.minio.lab.internal", 443, true)]
    [InlineData("lab.internal", "lab.internal", 443, true)]
    [InlineData("lab.internal", "mylab.internal", 443, false)]
    [InlineData(".lab.internal", "s3.minio.lab.internal", 443, true)]
    [InlineData(".lab.internal", "lab.internal", 443, false)]
    [InlineData("*.lab.internal", "s3.minio.lab.internal", 443, true)]
    [InlineData("*.lab.internal", "lab.internal", 443, false)]
    // With a port on that port only.
    [InlineData("s3.minio.lab.internal:9000", "s3.minio.lab.internal", 9000, true)]
    [InlineData("s3.minio.lab.internal:9000", "s3.minio.lab.internal", 443, false)]
    [InlineData("10.1.2.3:9000", "10.1.2.3", 9000, true)]
    [InlineData("10.1.2.3:9000", "10.1.2.3", 80, false)]
    [InlineData("[fd00::1]:9000", "fd00::1", 9000, true)]
    [InlineData("fd00::1", "fd00::1", 9000, true)]
    // Everything, white space, case, the trailing dot, names of other scripts.
    [InlineData("*", "anything.example", 443, true)]
    [InlineData("*", "192.0.2.1", 443, true)]
    [InlineData("foo, s3.minio.lab.internal", "s3.minio.lab.internal", 443, true)]
    [InlineData("LAB.internal", "S3.lab.INTERNAL.", 443, true)]
    [InlineData("bücher.example", "xn--bcher-kva.example", 443, true)]
    // Loopback is never asked of a proxy; nothing given means nothing else.
    [InlineData("", "localhost", 80, true)]
    [InlineData("", "127.0.0.1", 80, true)]
    [InlineData("", "::1", 80, true)]
    [InlineData("", "s3.example", 443, false)]
    [InlineData(null, "s3.example", 443, false)]
    // What is no entry matches nothing, and does no harm to its neighbours.
    [InlineData("10.0.0.0/99,://,/,a/b, ,s3.example", "s3.example", 443, true)]
    [InlineData("10.0.0.0/99,://,/,a/b, ", "10.0.0.1", 443, false)]
    public void An_entry_means_what_it_means_to_Go_and_curl(string? text, string host, int port, bool isDirect) =>
        Assert.Equal(isDirect, NoProxyList.Parse(text).Contains(host, port));
}
