using System.Text;
using Granary.TestSupport;
using Granary.Worker.Postgres.Connecting;

namespace Granary.Worker.Tests.Postgres.Connecting;

public sealed class ConnectionBuilderTests : IDisposable
{
    private static readonly ConnectionFacts Facts = new()
    {
        Source = "demo/db",
        ServiceHost = "db.demo.svc",
        ServicePort = 6000,
        Credentials = Data(("username", "app"), ("password", "s3cret-pw")),
    };

    private readonly TempDirectory _folder = new();
    private readonly ScratchDirectory _scratch;

    public ConnectionBuilderTests() => _scratch = new ScratchDirectory(_folder.Path);

    [Fact]
    public void The_password_is_in_the_environment_and_in_no_argument()
    {
        var connection = ConnectionBuilder.Build(Facts, _scratch);

        Assert.Equal(["--username=app", "--host=db.demo.svc", "--port=6000", "--no-password"], connection.Arguments);
        Assert.Equal("s3cret-pw", connection.Environment["PGPASSWORD"]);
        Assert.DoesNotContain("s3cret-pw", connection.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 5432)]
    [InlineData(5433, 5433)]
    public void A_service_without_a_port_has_the_default_one(int port, int expected) =>
        Assert.Equal(expected, ConnectionBuilder.Build(Facts with { ServicePort = port }, _scratch).Port);

    [Theory]
    [InlineData("postgresql://db.example.com:6543/ignored", "db.example.com", 6543, null)]
    [InlineData("postgres://db.example.com/?sslmode=require&x=y", "db.example.com", 5432, "require")]
    [InlineData("db.example.com:6543", "db.example.com", 6543, null)]
    [InlineData("postgresql://[::1]:6543", "::1", 6543, null)]
    [InlineData("postgresql://who:what@db/", "db", 5432, null)]
    public void A_url_gives_host_port_and_sslmode(string url, string host, int port, string? sslMode)
    {
        var connection = ConnectionBuilder.Build(Facts with { ServiceHost = null, Url = url }, _scratch);

        Assert.Equal((host, port, sslMode), (connection.Host, connection.Port, connection.SslMode));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("sslmode=", null)]
    [InlineData("sslmode=verify-full", "verify-full")]
    [InlineData("mode=disable", "disable")] // Stash takes the value of a single pair whatever its key.
    [InlineData("a=b&sslmode=prefer", "prefer")]
    public void The_service_query_gives_the_sslmode(string? query, string? expected) =>
        Assert.Equal(expected, ConnectionBuilder.Build(Facts with { ServiceQuery = query }, _scratch).SslMode);

    [Theory]
    [InlineData("sslmode")]
    [InlineData("a=b&c=d")]
    [InlineData("sslmode=please")]
    public void A_malformed_service_query_is_refused(string query) =>
        Assert.Throws<StepFailedException>(() =>
            ConnectionBuilder.Build(Facts with { ServiceQuery = query }, _scratch)
        );

    [Fact]
    public void The_deprecated_keys_of_the_secret_serve_as_well()
    {
        var connection = ConnectionBuilder.Build(
            Facts with
            {
                Credentials = Data(("POSTGRES_USER", "old"), ("POSTGRES_PASSWORD", "pw"), ("password", "new-pw")),
            },
            _scratch
        );

        Assert.Equal(("old", "new-pw"), (connection.User, connection.Password?.Reveal()));
    }

    [Fact]
    public void A_missing_key_is_named()
    {
        var noUser = Assert.Throws<StepFailedException>(() =>
            ConnectionBuilder.Build(Facts with { Credentials = Data(("password", "x")) }, _scratch)
        );
        var noPassword = Assert.Throws<StepFailedException>(() =>
            ConnectionBuilder.Build(Facts with { Credentials = Data(("username", "x")) }, _scratch)
        );
        var noSecret = Assert.Throws<StepFailedException>(() =>
            ConnectionBuilder.Build(Facts with { Credentials = null }, _scratch)
        );

        Assert.Contains("'username'", noUser.Message, StringComparison.Ordinal);
        Assert.Contains("'password'", noPassword.Message, StringComparison.Ordinal);
        Assert.Contains("demo/db", noSecret.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_user_parameter_counts_only_with_a_client_certificate()
    {
        var without = ConnectionBuilder.Build(Facts with { User = "cert-user" }, _scratch);
        var with = ConnectionBuilder.Build(
            Facts with
            {
                User = "cert-user",
                Credentials = null,
                Tls = Data(("tls.crt", "CERT"), ("tls.key", "KEY")),
            },
            _scratch
        );

        Assert.Equal("app", without.User);
        Assert.Equal(("cert-user", null), (with.User, with.Password));
    }

    [Fact]
    public void Certificates_become_files_that_only_we_may_read()
    {
        var connection = ConnectionBuilder.Build(
            Facts with
            {
                CaBundle = "CA"u8.ToArray(),
                Tls = Data(("tls.crt", "CERT"), ("tls.key", "KEY")),
            },
            _scratch
        );

        Assert.Equal("CA", File.ReadAllText(connection.Environment["PGSSLROOTCERT"]!));
        Assert.Equal("CERT", File.ReadAllText(connection.Environment["PGSSLCERT"]!));
        Assert.Equal("KEY", File.ReadAllText(connection.Environment["PGSSLKEY"]!));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(connection.Key!));
    }

    [Fact]
    public void A_tls_secret_without_its_keys_is_refused() =>
        Assert.Throws<StepFailedException>(() =>
            ConnectionBuilder.Build(Facts with { Tls = Data(("tls.crt", "CERT")) }, _scratch)
        );

    public void Dispose()
    {
        _scratch.Dispose();
        _folder.Dispose();
    }

    private static Dictionary<string, byte[]> Data(params (string Key, string Value)[] pairs) =>
        pairs.ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetBytes(pair.Value));
}
