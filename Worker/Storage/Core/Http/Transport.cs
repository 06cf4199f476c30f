using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Granary.Storage.Http;

/// <summary>Makes the HTTP clients that providers use, their SDKs' included.</summary>
public static class Transport
{
    /// <summary>The program that every request names: <c>granary/</c> and the version.</summary>
    public static string UserAgent { get; } = $"granary/{typeof(Transport).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>
    /// Makes a client with the options' trust and watch. It follows no redirect and has no total time limit.
    /// </summary>
    /// <param name="options">Trust and time limits.</param>
    /// <param name="location">The backend's location, for messages.</param>
    /// <param name="time">The clock that stalls are measured by.</param>
    /// <exception cref="StorageException">
    /// <see cref="StorageError.Invalid"/>: the CA certificate cannot be read.
    /// </exception>
    public static HttpClient CreateClient(TransportOptions options, string location, TimeProvider time) =>
        new(CreateHandler(options, location, time)) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Makes the part of a client that sends, for packages that make the rest themselves.</summary>
    /// <inheritdoc cref="CreateClient"/>
    public static HttpMessageHandler CreateHandler(TransportOptions options, string location, TimeProvider time)
    {
        var sockets = new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            AllowAutoRedirect = false,
            UseCookies = false,
            // Stores move behind their names; a pool that keeps connections for hours would not notice.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        if (options.InsecureTls)
        {
#pragma warning disable CA5359 // Accepting any certificate is what the option asks for.
            sockets.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (!string.IsNullOrWhiteSpace(options.CaCertificate))
        {
            sockets.SslOptions.RemoteCertificateValidationCallback = new AddedTrust(
                ReadCertificates(options.CaCertificate, location)
            ).Accepts;
        }

        return new StallHandler(sockets, options.StallTimeout, time);
    }

    private static X509Certificate2Collection ReadCertificates(string pem, string location)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new StorageException(
                StorageError.Invalid,
                location,
                null,
                $"the CA certificate cannot be read: {e.Message}",
                e
            );
        }

        return certificates.Count > 0
            ? certificates
            : throw new StorageException(
                StorageError.Invalid,
                location,
                null,
                "the CA certificate holds no PEM certificate"
            );
    }
}
