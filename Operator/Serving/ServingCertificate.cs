using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using KubeOps.Operator.Web.Certificates;

namespace Granary.Operator.Serving;

/// <summary>
/// The webhook's certificate as it lies in a Secret. Pure: made from and turned into the Secret's data.
/// </summary>
/// <remarks>
/// Keys: <c>tls.crt</c>, <c>tls.key</c>, and <c>ca.crt</c>, which after a renewal holds the new authority and the one
/// before it, so that replicas which still serve the old certificate stay trusted.
/// </remarks>
internal sealed record ServingCertificate(string ServerPem, string KeyPem, string AuthoritiesPem)
{
    private const string AuthoritiesKey = "ca.crt";
    private const string ServerKey = "tls.crt";
    private const string KeyKey = "tls.key";

    /// <summary>A certificate is renewed this long before its end.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    public static string HostFor(string service, string @namespace) => $"{service}.{@namespace}.svc";

    /// <param name="previous">The certificate that is replaced.</param>
    public static ServingCertificate Generate(string service, string @namespace, ServingCertificate? previous)
    {
        using var generator = new CertificateGenerator(service, @namespace);
        var authority = generator.Root.Certificate.EncodeToPem();
        return new ServingCertificate(
            generator.Server.Certificate.EncodeToPem(),
            generator.Server.Key.EncodeToPem(),
            previous is null ? authority : $"{authority}\n{Newest(previous.AuthoritiesPem)}"
        );
    }

    /// <returns>Null when the Secret does not hold a certificate.</returns>
    public static ServingCertificate? From(V1Secret secret)
    {
        if (
            Text(ServerKey) is not { } server
            || Text(KeyKey) is not { } key
            || Text(AuthoritiesKey) is not { } authorities
        )
        {
            return null;
        }

        return new ServingCertificate(server, key, authorities);

        string? Text(string name) =>
            secret.Data is { } data && data.TryGetValue(name, out var bytes) && bytes.Length > 0
                ? Encoding.ASCII.GetString(bytes)
                : null;
    }

    public IDictionary<string, byte[]> ToData() =>
        new Dictionary<string, byte[]>
        {
            [ServerKey] = Encoding.ASCII.GetBytes(ServerPem),
            [KeyKey] = Encoding.ASCII.GetBytes(KeyPem),
            [AuthoritiesKey] = Encoding.ASCII.GetBytes(AuthoritiesPem),
        };

    /// <summary>What the API server has to trust, as webhook configurations hold it.</summary>
    public string CaBundle() => Convert.ToBase64String(Encoding.ASCII.GetBytes(AuthoritiesPem));

    public bool IsUsable(string host, DateTimeOffset now)
    {
        try
        {
            using var certificate = Load();
            return certificate.MatchesHostname(host)
                && certificate.NotBefore.ToUniversalTime() <= now.UtcDateTime
                && certificate.NotAfter.ToUniversalTime() - RenewBefore > now.UtcDateTime;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>With its key, ready to serve. The caller disposes it.</summary>
    /// <exception cref="CryptographicException">The PEM texts are not a certificate and its key.</exception>
    public X509Certificate2 Load()
    {
        using var certificate = X509Certificate2.CreateFromPem(ServerPem, KeyPem);
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }

    /// <summary>Two authorities are enough: the chain of renewals must not grow for ever.</summary>
    private static string Newest(string authorities)
    {
        const string end = "-----END CERTIFICATE-----";
        var at = authorities.IndexOf(end, StringComparison.Ordinal);
        return at < 0 ? "" : authorities[..(at + end.Length)];
    }
}
