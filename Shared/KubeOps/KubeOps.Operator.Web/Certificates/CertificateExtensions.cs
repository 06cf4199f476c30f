using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeOps.Abstractions.Certificates;

namespace KubeOps.Operator.Web.Certificates;

/// <summary>Forms in which certificates and keys are handed on.</summary>
public static class CertificateExtensions
{
    /// <summary>The certificate as PEM.</summary>
    public static string EncodeToPem(this X509Certificate2 certificate) => certificate.ExportCertificatePem();

    /// <summary>The private key as PEM (PKCS #8, not encrypted).</summary>
    public static string EncodeToPem(this AsymmetricAlgorithm key) => key.ExportPkcs8PrivateKeyPem();

    /// <summary>The certificate as PEM, in UTF-8.</summary>
    public static byte[] EncodeToPemBytes(this X509Certificate2 certificate) =>
        Encoding.UTF8.GetBytes(certificate.EncodeToPem());

    /// <summary>The private key as PEM, in UTF-8.</summary>
    public static byte[] EncodeToPemBytes(this AsymmetricAlgorithm key) => Encoding.UTF8.GetBytes(key.EncodeToPem());

    /// <summary>A certificate with its key, as a web server needs it. The caller disposes it.</summary>
    /// <exception cref="NotSupportedException">The key is neither ECDSA nor RSA.</exception>
    public static X509Certificate2 CopyServerCertWithPrivateKey(this CertificatePair serverPair)
    {
        using var certificate = serverPair.Key switch
        {
            ECDsa key => serverPair.Certificate.CopyWithPrivateKey(key),
            RSA key => serverPair.Certificate.CopyWithPrivateKey(key),
            _ => throw new NotSupportedException($"A key of type {serverPair.Key.GetType().Name} cannot serve TLS."),
        };

        // Through PKCS #12: some platforms' TLS cannot use a key that lives in memory only.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }
}
