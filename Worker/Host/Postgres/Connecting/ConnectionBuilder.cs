using System.Text;
using Granary.Api.Names;
using Granary.Storage;

namespace Granary.Worker.Postgres.Connecting;

/// <summary>Judges what an AppBinding says and turns it into a connection.</summary>
internal static class ConnectionBuilder
{
    private const int DefaultPort = 5432;

    /// <summary>Builds the connection; certificates go into files below <paramref name="scratch"/>.</summary>
    /// <exception cref="StepFailedException">Something needed is missing or malformed.</exception>
    public static PostgresConnection Build(ConnectionFacts facts, ScratchDirectory scratch)
    {
        var (host, port, sslMode) = Address(facts);
        var (user, password) = Credentials(facts);
        var connection = new PostgresConnection(host, port, user, password) { SslMode = sslMode };

        if (!facts.CaBundle.IsEmpty)
        {
            connection = connection with { RootCertificate = scratch.Write("ca.crt", facts.CaBundle.Span) };
        }

        if (facts.Tls is { } tls)
        {
            connection = connection with
            {
                Certificate = scratch.Write("tls.crt", TlsValue(facts, tls, "tls.crt")),
                Key = scratch.Write("tls.key", TlsValue(facts, tls, "tls.key")),
            };
        }

        return connection;
    }

    private static (string Host, int Port, string? SslMode) Address(ConnectionFacts facts)
    {
        if (!string.IsNullOrEmpty(facts.ServiceHost))
        {
            var servicePort = facts.ServicePort == 0 ? DefaultPort : facts.ServicePort;
            return (facts.ServiceHost, servicePort, SslModeOfService(facts));
        }

        if (string.IsNullOrWhiteSpace(facts.Url))
        {
            throw new StepFailedException(
                $"AppBinding {facts.Source} has neither clientConfig.service nor clientConfig.url"
            );
        }

        // "host:5432" without a scheme would be read as the scheme "host".
        var text = facts.Url.Contains("://", StringComparison.Ordinal) ? facts.Url : $"postgresql://{facts.Url}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            throw new StepFailedException($"AppBinding {facts.Source}: clientConfig.url is not a URL with a host");
        }

        return (url.DnsSafeHost, url.Port <= 0 ? DefaultPort : url.Port, SslModeOfUrl(facts, url));
    }

    /// <summary>
    /// The value of a single pair whatever its key (as Stash reads it), or of <c>sslmode</c> among several.
    /// </summary>
    private static string? SslModeOfService(ConnectionFacts facts)
    {
        var pairs = Pairs(facts.ServiceQuery);
        if (pairs.Count == 0)
        {
            return null;
        }

        var value = pairs.Count == 1 ? pairs[0].Value : pairs.FirstOrDefault(pair => pair.Key == "sslmode").Value;
        return value is not null
            ? Checked(facts, value)
            : throw new StepFailedException(
                $"AppBinding {facts.Source}: clientConfig.service.query is not of the form sslmode=value"
            );
    }

    private static string? SslModeOfUrl(ConnectionFacts facts, Uri url) =>
        Pairs(url.Query).FirstOrDefault(pair => pair.Key == "sslmode").Value is { } value
            ? Checked(facts, value)
            : null;

    private static List<(string Key, string? Value)> Pairs(string? query) =>
        [
            .. (query ?? "")
                .TrimStart('?')
                .Split('&', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(pair => pair.Split('=', 2))
                .Select(parts =>
                    (Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : null)
                ),
        ];

    private static string? Checked(ConnectionFacts facts, string mode)
    {
        if (mode.Length == 0)
        {
            return null;
        }

        return SslModes.All.Contains(mode)
            ? mode
            : throw new StepFailedException(
                $"AppBinding {facts.Source}: sslmode '{mode}' is not one of {string.Join(", ", SslModes.All)}"
            );
    }

    private static (string User, Secret? Password) Credentials(ConnectionFacts facts)
    {
        // With a client certificate, `user` names the role of the certificate; it then replaces the Secret's.
        var certificateUser = facts.Tls is not null && !string.IsNullOrEmpty(facts.User) ? facts.User : null;
        if (facts.Credentials is null && certificateUser is null)
        {
            throw new StepFailedException(
                $"AppBinding {facts.Source} names no Secret with the user name and password (spec.secret)"
            );
        }

        var user = certificateUser
            ?? Value(facts, SecretKeys.Username, SecretKeys.PostgresUser)
            ?? throw new StepFailedException(
                $"The Secret of AppBinding {facts.Source} has no key 'username' (nor 'POSTGRES_USER')"
            );
        var password = Value(facts, SecretKeys.Password, SecretKeys.PostgresPassword);
        if (password is null && certificateUser is null)
        {
            throw new StepFailedException(
                $"The Secret of AppBinding {facts.Source} has no key 'password' (nor 'POSTGRES_PASSWORD')"
            );
        }

        return (user, password is null ? null : new Secret(password));
    }

    private static string? Value(ConnectionFacts facts, string key, string deprecatedKey)
    {
        if (
            facts.Credentials is null
            || (
                !facts.Credentials.TryGetValue(key, out var value)
                && !facts.Credentials.TryGetValue(deprecatedKey, out value)
            )
        )
        {
            return null;
        }

        return Encoding.UTF8.GetString(value);
    }

    private static byte[] TlsValue(ConnectionFacts facts, IReadOnlyDictionary<string, byte[]> tls, string key) =>
        tls.TryGetValue(key, out var value)
            ? value
            : throw new StepFailedException($"The TLS Secret of AppBinding {facts.Source} has no key '{key}'");
}
