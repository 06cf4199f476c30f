using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Granary.TestSupport.Servers;

/// <summary>A certificate authority for one test, and server certificates it signs, as PEM files.</summary>
public sealed class TestCertificates
{
    private readonly X509Certificate2 _authority;
    private readonly string _folder;

    /// <summary>Makes an authority and writes <c>ca.crt</c> into the folder.</summary>
    public TestCertificates(string folder)
    {
        _folder = folder;
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Granary test CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true)
        );
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(CaFile, CaPem);
    }

    /// <summary>The authority's certificate as PEM text.</summary>
    public string CaPem => _authority.ExportCertificatePem();

    /// <summary>The file that holds <see cref="CaPem"/>.</summary>
    public string CaFile => Path.Combine(_folder, "ca.crt");

    /// <summary>Signs a server certificate and writes it with its key; answers both paths.</summary>
    /// <param name="name">File name without ending.</param>
    /// <param name="hosts">DNS names and addresses that the certificate is good for.</param>
    public (string Certificate, string Key) Issue(string name, params string[] hosts) => IssueFor(name, [], hosts);

    /// <summary>Signs a certificate that is good for some usages only.</summary>
    /// <param name="name">File name without ending.</param>
    /// <param name="usages">Extended key usages by their numbers; none for a certificate that names none.</param>
    /// <param name="hosts">DNS names and addresses that the certificate is good for.</param>
    public (string Certificate, string Key) IssueFor(string name, IReadOnlyList<string> usages, params string[] hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hosts[0]}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        if (usages.Count > 0)
        {
            request.CertificateExtensions.Add(
                new X509EnhancedKeyUsageExtension([.. usages.Select(usage => new Oid(usage))], critical: false)
            );
        }

        byte[] serial = RandomNumberGenerator.GetBytes(8);
        serial[0] &= 0x7f;
        using X509Certificate2 certificate = request.Create(
            _authority,
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1),
            serial
        );
        string crt = Path.Combine(_folder, $"{name}.crt");
        string pem = Path.Combine(_folder, $"{name}.key");
        File.WriteAllText(crt, certificate.ExportCertificatePem());
        File.WriteAllText(pem, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(pem, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return (crt, pem);
    }
}
