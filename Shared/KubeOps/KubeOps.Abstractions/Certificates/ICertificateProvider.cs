using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeOps.Abstractions.Certificates;

/// <summary>A certificate and its private key.</summary>
public record CertificatePair(X509Certificate2 Certificate, AsymmetricAlgorithm Key);

/// <summary>Certificates for the webhook server.</summary>
public interface ICertificateProvider : IDisposable
{
    /// <summary>The server's certificate.</summary>
    CertificatePair Server { get; }

    /// <summary>The authority that signed it.</summary>
    CertificatePair Root { get; }
}
