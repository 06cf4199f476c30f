using Granary.Storage;
using Granary.TestSupport.Servers;
using Granary.Worker.Postgres.Connecting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Worker.Tests.Postgres.Connecting;

public sealed class ReadinessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_comes_up_late_is_waited_for()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await server.StopAsync(Token);

        var waiting = WaitAsync(RoundTripTests.ConnectionTo(server), TimeSpan.FromMinutes(3), "postgres");
        await server.StartAgainAsync(Token);
        var info = await waiting;

        Assert.Equal(
            (17, "postgres", false, true),
            (info.Major, info.Database, info.IsStandby, info.HasMaintenanceDatabase)
        );
    }

    [Fact]
    public async Task A_server_that_stays_away_fails_with_its_address_and_the_reason()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await server.StopAsync(Token);

        var failure = await Assert.ThrowsAsync<StepFailedException>(() =>
            WaitAsync(RoundTripTests.ConnectionTo(server), TimeSpan.FromSeconds(1), "postgres")
        );

        Assert.Contains(
            $"127.0.0.1:{server.Port} did not become ready within 1 s",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waiting_cannot_mend_fails_at_once()
    {
        await using var server = await PostgresServer.StartAsync(new() { RequireTls = true }, Token);
        await using var stranger = await PostgresServer.StartAsync(cancellationToken: Token);
        var connection = RoundTripTests.ConnectionTo(server);
        var patience = TimeSpan.FromHours(1);

        var password = await Assert.ThrowsAsync<StepFailedException>(() =>
            WaitAsync(connection with { Password = new Secret("wrong-password") }, patience, "postgres")
        );
        var database = await Assert.ThrowsAsync<StepFailedException>(() =>
            WaitAsync(connection, patience, "nowhere", "nothing")
        );
        var plain = await Assert.ThrowsAsync<StepFailedException>(() =>
            WaitAsync(connection with { SslMode = "disable" }, patience, "postgres")
        );
        var untrusted = await Assert.ThrowsAsync<StepFailedException>(() =>
            WaitAsync(connection with { RootCertificate = stranger.Certificates.CaFile }, patience, "postgres")
        );

        Assert.Contains("refused the password of user \"postgres\"", password.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-password", password.ToString(), StringComparison.Ordinal);
        Assert.Contains("no database \"nowhere\" or \"nothing\"", database.Message, StringComparison.Ordinal);
        Assert.Contains("28000", plain.Message, StringComparison.Ordinal);
        Assert.Contains("TLS", untrusted.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_database_that_exists_is_opened()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);

        var info = await WaitAsync(
            RoundTripTests.ConnectionTo(server),
            TimeSpan.Zero,
            "nowhere",
            "template1",
            "postgres"
        );

        Assert.Equal("template1", info.Database);
    }

    private static Task<ServerInfo> WaitAsync(
        PostgresConnection connection,
        TimeSpan patience,
        params string[] databases
    ) =>
        new Readiness(TimeProvider.System, NullLogger.Instance, () => 0.5).WaitAsync(
            connection,
            databases,
            patience,
            Token
        );
}
